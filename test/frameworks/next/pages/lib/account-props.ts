import type { Session } from "@byo-session/next";
import { propsWithSession } from "./sessions.ts";

export interface Props extends Record<string, unknown> {
  session: Session;
  locale: string;
  id: string;
}

export const accountProps = propsWithSession<Props>(({ locale = "", params }, { session }) => ({
  props: { session, locale, id: String(params?.id) },
}));
