import { withByo } from "../../../lib/sessions.ts";

const answer = withByo((_request, { byo }) => Response.json({ session: byo.session }));

export { answer as GET, answer as POST };
