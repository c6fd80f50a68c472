/**
 * For schemes that the URL Standard does not define, `origin` of a URL is "null", but browsers and app shells send
 * them as origins: `chrome-extension://…`, `capacitor://localhost`, `app://-`. Their hosts keep their case.
 */
const OF_OTHER_SCHEME = /^([a-z][a-z\d+.-]*):\/\/[\w.-]+(?::\d{1,5})?$/;
/**
 * Anyone can have `file:` pages; the other schemes never appear in an `Origin`, or only in the form of their own URL.
 */
const NAMED_BY_URL: ReadonlySet<string> = new Set([
  "http",
  "https",
  "ws",
  "wss",
  "ftp",
  "file",
  "blob",
  "data",
  "about",
  "javascript",
]);

/** Whether the text is an origin in exactly the form of the `Origin` header. */
export function isSerializedOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (!url) return false;
  if (isHttp(url)) return url.origin === text && !text.includes("*");
  const [, scheme] = OF_OTHER_SCHEME.exec(text) ?? [];
  return scheme !== undefined && !NAMED_BY_URL.has(scheme);
}

/** Whether an `Origin` matches this URL, however the port and the host are written. */
export function isOriginOf(origin: string, address: string): boolean {
  const [one, other] = [URL.parse(origin), URL.parse(address)];
  return (
    one !== null && other !== null && isHttp(one) && one.protocol === other.protocol && hostOf(one) === hostOf(other)
  );
}

/**
 * Whether an `Origin` may belong to a request's Host. Behind a proxy that terminates TLS, the scheme is unknown here,
 * and the proxy may have added either default port. So only the hosts are compared, and default ports are ignored.
 */
export function isOriginOfHost(origin: string, host: string): boolean {
  const url = URL.parse(origin);
  if (!url || !isHttp(url)) return false;
  const asked = URL.parse(`${url.protocol}//${host.replace(/:(?:80|443)$/, "")}`);
  const exactly = URL.parse(`${url.protocol}//${host}`);
  return [asked, exactly].some((own) => own !== null && isHostOnly(own) && hostOf(own) === hostOf(url));
}

function isHttp({ protocol }: URL): boolean {
  return protocol === "https:" || protocol === "http:";
}

/** A Host header with more than a host matches no origin. */
function isHostOnly({ username, password, pathname, search, hash }: URL): boolean {
  return username === "" && password === "" && pathname === "/" && search === "" && hash === "";
}

/** A name with a trailing dot is the same name, fully qualified (RFC 1034, section 3.1). */
function hostOf({ hostname, port }: URL): string {
  return `${hostname.replace(/\.$/, "")}:${port}`;
}
