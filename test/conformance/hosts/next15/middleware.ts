import { byoSession } from "@byo-session/next/proxy";
import { hostOptions } from "../next-app/options.ts";

export default byoSession(hostOptions());

export const config = {
  matcher: [
    {
      source: "/((?!_next/static|_next/image|favicon.ico).*)",
      missing: [{ type: "header", key: "next-router-prefetch" }],
    },
  ],
};
