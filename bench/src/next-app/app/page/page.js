import { requireSession } from "../../sessions.js";

export default async function Page() {
  const { userId } = await requireSession();
  return <h1>{userId}</h1>;
}
