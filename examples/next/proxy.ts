export { proxy } from "./lib/sessions.ts";

// Next reads this without running it, so it must be a literal.
export const config = { matcher: ["/", "/((?!_next/static/|_next/image$|favicon.ico$).*)"] };
