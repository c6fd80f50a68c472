/** What a browser must be allowed to send and to read for sessions across origins. */
const ALLOWED_HEADERS = "Authorization, Content-Type, DPoP";
const EXPOSED_HEADERS = "Device-Cookie-Max-Age, DPoP-Nonce, Retry-After, Session-Token";
const ALLOWED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
const PREFLIGHT_SERVES_SECS = 600;

/**
 * The CORS headers of a response to a page of another origin. Only an origin that exactly matches the list is allowed:
 * reflecting any origin would let every site read a user's responses.
 */
export function corsHeadersFor(
  origin: string | undefined,
  trustedOrigins: ReadonlySet<string>,
): [name: string, value: string][] {
  if (origin === undefined || !trustedOrigins.has(origin)) return [["Vary", "Origin"]];
  return [
    ["Vary", "Origin"],
    ["Access-Control-Allow-Origin", origin],
    ["Access-Control-Allow-Credentials", "true"],
    ["Access-Control-Allow-Headers", ALLOWED_HEADERS],
    ["Access-Control-Allow-Methods", ALLOWED_METHODS],
    ["Access-Control-Expose-Headers", EXPOSED_HEADERS],
    ["Access-Control-Max-Age", String(PREFLIGHT_SERVES_SECS)],
  ];
}
