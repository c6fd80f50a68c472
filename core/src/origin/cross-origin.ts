import type { PublicAddress } from "../paths/sendable.ts";
import { isUnsafe, type RequestView } from "../request/request-view.ts";
import { isOriginOf, isOriginOfHost } from "./origin.ts";

export interface OriginRules {
  /** Origins as in the `Origin` header, such as `https://admin.example.com`. */
  readonly trustedOrigins: ReadonlySet<string>;
  /** The application's own origin; undefined: the request's Host decides. */
  readonly publicUrl: PublicAddress | undefined;
}

/**
 * Whether a request comes from a page that may change something here. It does not matter whether the request has a
 * cookie: a forged login plants the attacker's session. The rules are those of Go's `http.CrossOriginProtection`.
 */
export function isCrossOriginChange(view: RequestView, rules: OriginRules): boolean {
  if (!isUnsafe(view)) return false;
  const site = view.header("sec-fetch-site");
  if (site === "same-origin" || site === "none") return false;
  const origin = view.header("origin");
  // `same-site` is not trusted: a sibling host may be someone else's.
  if (site !== undefined) return origin === undefined || !rules.trustedOrigins.has(origin);
  // No Fetch Metadata and no Origin: not a browser of the last ten years, so no user's cookies are at stake.
  return origin !== undefined && !isOwnOrTrusted(origin, view, rules);
}

/** For a request with an `Origin`: whether it is the application's own or a trusted one. */
export function isOwnOrTrusted(origin: string, view: RequestView, rules: OriginRules): boolean {
  if (rules.trustedOrigins.has(origin)) return true;
  if (rules.publicUrl !== undefined) return isOriginOf(origin, rules.publicUrl.origin);
  const host = view.header("host");
  return host !== undefined && isOriginOfHost(origin, host);
}
