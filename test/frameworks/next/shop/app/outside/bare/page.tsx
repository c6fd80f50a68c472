import { getSession } from "../../../lib/sessions.ts";

export default async function Bare() {
  const session = await getSession();
  return <h1>{session ? `secret of ${session.userId}` : "nobody"}</h1>;
}
