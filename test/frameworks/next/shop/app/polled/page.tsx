import { requireSession } from "../../lib/sessions.ts";

/** A page that its own script loads again and again. */
export default async function Polled() {
  const { userId } = await requireSession({ activity: false });
  return <h1>news of {userId}</h1>;
}
