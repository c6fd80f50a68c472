import type { RequestView } from "../request/request-view.ts";

/** Headers in which proxies say which protocol the client used; none of them can make a cookie less strict. */
const PROTOCOL_HEADERS = [
  "x-forwarded-proto",
  "x-forwarded-protocol",
  "x-forwarded-scheme",
  "x-url-scheme",
  "cloudfront-forwarded-proto",
] as const;
/** The older form: `on` behind TLS. */
const TLS_HEADERS = ["x-forwarded-ssl", "front-end-https"] as const;

/**
 * Whether the browser would drop a Secure cookie: Safari does so on http://localhost; Chromium and Firefox do not.
 * What the headers say about the protocol comes first, because a TLS proxy in front of a local app often passes
 * `localhost` on.
 */
export function dropsSecureCookies(view: RequestView): boolean {
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(view.header("host") ?? "")) return false;
  const userAgent = view.header("user-agent") ?? "";
  if (!/Version\/.*Safari\//.test(userAgent) || /Chrom(e|ium)\//.test(userAgent)) return false;
  return !isSecure(view);
}

function isSecure(view: RequestView): boolean {
  if (view.isEncrypted) return true;
  // The first of several is the client's.
  if (PROTOCOL_HEADERS.some((name) => /^\s*(https|wss)\b/i.test(view.header(name) ?? ""))) return true;
  if (TLS_HEADERS.some((name) => view.header(name)?.trim().toLowerCase() === "on")) return true;
  return /^[^,]*\bproto\s*=\s*"?https\b/i.test(view.header("forwarded") ?? "");
}
