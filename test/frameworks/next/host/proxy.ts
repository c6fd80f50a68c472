import createMiddleware from "next-intl/middleware";
import { withProxy } from "./lib/sessions.ts";

const translate = createMiddleware({ locales: ["en", "de"], defaultLocale: "en", localePrefix: "as-needed" });

/** Where next-intl has no part. */
const UNTRANSLATED = /^\/(api|session|ledger|_next)\b/;

export const proxy = withProxy((request) =>
  UNTRANSLATED.test(request.nextUrl.pathname) ? undefined : translate(request),
);

// Everything except /outside, where the server has no proxy.
export const config = { matcher: ["/", "/((?!_next/static/|_next/image$|favicon.ico$|outside).*)"] };
