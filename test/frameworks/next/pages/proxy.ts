export { proxy } from "./lib/sessions.ts";

// All but what lies in a folder `outside`, where the server is on its own.
export const config = { matcher: ["/", "/((?!_next/static/|_next/image$|favicon.ico$|.*outside/).*)"] };
