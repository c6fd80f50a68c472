import { canonicalAddress } from "../request/client-address.ts";
import type { RequestView } from "../request/request-view.ts";

const DROPPED =
  "byo-session: a browser logged in over http and drops the session cookie, because it is Secure. Use https; while you " +
  "develop, http://localhost works too";
const PROXIED =
  "byo-session: a login came through a proxy, and was recorded with the proxy's address instead of the client's. Set " +
  "your framework's proxy setting to the proxies you run, or pass `clientIp`";

/** Logs, once each, why a login that succeeds does not do what the application expects. Takes nothing from the request. */
export function createLoginNotices(isCookieSecure: boolean, log: (line: string) => void): (view: RequestView) => void {
  const logged = new Set<string>();
  const notice = (line: string) => {
    if (!logged.has(line)) log(line);
    logged.add(line);
  };
  return (view) => {
    if (isCookieSecure && isPlainPage(view)) notice(DROPPED);
    if (hidesClient(view)) notice(PROXIED);
  };
}

/** Sent by a page of this host over http. Browsers keep Secure cookies of `localhost` only. */
function isPlainPage(view: RequestView): boolean {
  const host = view.header("host");
  if (host === undefined || view.header("origin") !== `http://${host}`) return false;
  return !/^(?:[\w-]+\.)*localhost(?::\d+)?$|^(?:127(?:\.\d+){3}|\[::1\])(?::\d+)?$/i.test(host);
}

/** The address is one of a private network, and a proxy there names another client. */
function hidesClient(view: RequestView): boolean {
  const forwarded = view.header("x-forwarded-for");
  const address = canonicalAddress(view.clientIp);
  if (address === undefined || forwarded === undefined || forwarded.includes(address)) return false;
  return /^(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.|^::1$|^f[cd][\da-f]{2}:/i.test(address);
}
