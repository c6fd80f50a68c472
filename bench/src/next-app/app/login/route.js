import { withByo } from "../../sessions.js";

export const POST = withByo(async (_request, { byo }) => {
  await byo.login({ userId: `bench-${crypto.randomUUID()}` });
  return Response.json({});
});
