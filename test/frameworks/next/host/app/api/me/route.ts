import { withByo, withSession } from "../../../lib/sessions.ts";

export const GET = withSession((request, { session }) => Response.json({ session, served: request.method }));

export const POST = withByo(async (request, { byo }) => Response.json(await byo.login(await request.json())));
