export { proxy } from "../next-app/sessions.ts";

export const config = { matcher: ["/", "/((?!_next/static/|_next/image$|favicon.ico$).*)"] };
