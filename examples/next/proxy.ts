import { byoSession } from "@byo-session/next/proxy";

export default byoSession({
  loginUrl: "/login",
  protect: ["/account/:path*"],
  publicUrl: process.env.PUBLIC_URL ?? `http://localhost:${process.env.PORT ?? 3000}`,
  routes: { prefix: "/session" },
});

// Next reads this without running it, so it has to be written out. Prefetches go round the proxy: a page checks the
// session by itself then, and a token is not replaced for an answer that may never be used.
export const config = {
  matcher: [
    {
      source: "/((?!_next/static|_next/image|favicon.ico).*)",
      missing: [{ type: "header", key: "next-router-prefetch" }],
    },
  ],
};
