import { safeReturnTo } from "@byo-session/next";
import { withByo } from "../../../lib/sessions.ts";

/** A login that ends in a page load: pages that Next has kept in the browser are gone then. */
export const POST = withByo(async (request, { byo }) => {
  const form = await request.formData();
  await byo.login({ userId: String(form.get("name")) });
  return new Response(null, { status: 303, headers: { Location: safeReturnTo(form.get("returnTo")) } });
});
