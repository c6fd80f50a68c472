import { notFound, redirect } from "next/navigation";
import { withByo } from "../../../lib/sessions.ts";

/** Next's own functions respond by throwing. */
export const POST = withByo(async (request, { byo }) => {
  const { userId, to } = await request.json();
  await byo.login({ userId });
  if (to === "nowhere") notFound();
  if (to === "pieces") throw new Error(`a fault after the login of ${userId}`);
  redirect(to);
});
