import { byoSession } from "@byo-session/next/proxy";

export default byoSession();

export const config = { matcher: ["/me", "/login"] };
