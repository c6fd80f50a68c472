import { withSession } from "@byo-session/next";

export const GET = withSession((_request, { session }) => Response.json({ userId: session.userId }));
