import { withByo } from "@byo-session/next";

const answer = withByo((_request, { byo }) => Response.json({ session: byo.session }));

export { answer as GET, answer as POST };
