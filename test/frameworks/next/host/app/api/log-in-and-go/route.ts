import { notFound, redirect } from "next/navigation";
import { withByo } from "../../../lib/sessions.ts";

/** What Next's own functions answer by they throw. */
export const POST = withByo(async (request, { byo }) => {
  const { userId, to } = await request.json();
  await byo.login({ userId });
  if (to === "nowhere") notFound();
  redirect(to);
});
