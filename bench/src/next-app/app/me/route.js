import { withSession } from "../../sessions.js";

export const GET = withSession((_request, { session }) => Response.json({ userId: session.userId }));
