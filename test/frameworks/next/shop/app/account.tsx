import { requireSession } from "../lib/sessions.ts";

/** A page that guards itself, as every page should. */
export async function Account() {
  const { userId } = await requireSession();
  return <h1>secret of {userId}</h1>;
}
