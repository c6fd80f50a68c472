import { getSession } from "../../lib/sessions.ts";
import { Shown } from "../shown.tsx";

export default function Outside() {
  return <Shown what={async () => ({ session: await getSession() })} />;
}
