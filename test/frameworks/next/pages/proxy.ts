export { proxy } from "./lib/sessions.ts";

// Everything except the folder `outside`, where the server has no proxy.
export const config = { matcher: ["/", "/((?!_next/static/|_next/image$|favicon.ico$|.*outside/).*)"] };
