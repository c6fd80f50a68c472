export { proxy } from "./lib/sessions.ts";

// Next reads this without running it, so it has to be written out.
export const config = { matcher: ["/", "/((?!_next/static/|_next/image$|favicon.ico$).*)"] };
