import { requireSession } from "../../../../../next-app/sessions.ts";

export default async function Account() {
  const { userId } = await requireSession();
  return `secret of ${userId}`;
}
