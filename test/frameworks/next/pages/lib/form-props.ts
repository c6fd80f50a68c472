import { propsWithByo, requireSession } from "./sessions.ts";

/** Whom a page shows, and what it can do: it has a response of its own, so it may log in and out too. */
export const formProps = propsWithByo(async ({ req, query }, { byo }) => {
  if (req.method === "POST") await byo.login({ userId: String(query.user) });
  const ambient = await requireSession().catch((error: unknown) => String(error));
  return { props: { userId: byo.session?.userId ?? null, ambient: String(ambient) } };
});
