import { withByoSession } from "@byo-session/next/proxy";
import createMiddleware from "next-intl/middleware";

const translate = createMiddleware({ locales: ["en", "de"], defaultLocale: "en", localePrefix: "as-needed" });

export default withByoSession(
  (request) => (/^\/(api|session)\b/.test(request.nextUrl.pathname) ? undefined : translate(request)),
  { loginUrl: "/login", protect: ["/whoami/private", "/:locale/whoami/private"] },
);

// All but /outside, where the server is on its own.
export const config = {
  matcher: [
    {
      source: "/((?!_next/static|_next/image|favicon.ico|outside).*)",
      missing: [{ type: "header", key: "next-router-prefetch" }],
    },
  ],
};
