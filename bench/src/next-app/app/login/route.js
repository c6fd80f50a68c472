import { withByo } from "@byo-session/next";

export const POST = withByo(async (_request, { byo }) => {
  await byo.login({ userId: `bench-${crypto.randomUUID()}` });
  return Response.json({});
});
