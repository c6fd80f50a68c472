/**
 * Of schemes that the URL Standard does not know every URL's `origin` is "null", but browsers and app shells name the
 * pages by them: `chrome-extension://…`, `capacitor://localhost`, `app://-`. Their hosts keep their case.
 */
const OF_OTHER_SCHEME = /^([a-z][a-z\d+.-]*):\/\/[\w.-]+(?::\d{1,5})?$/;
/** Pages of `file:` are everybody's; the rest never stands in an `Origin`, or only in the form that their own URL gives. */
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

/** Whether the text is an origin exactly as it comes in the header `Origin`. */
export function isSerializedOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (!url) return false;
  if (isHttp(url)) return url.origin === text && !text.includes("*");
  const [, scheme] = OF_OTHER_SCHEME.exec(text) ?? [];
  return scheme !== undefined && !NAMED_BY_URL.has(scheme);
}

/** Whether an `Origin` is that of this address, however the port and the host are written. */
export function isOriginOf(origin: string, address: string): boolean {
  const [one, other] = [URL.parse(origin), URL.parse(address)];
  return (
    one !== null && other !== null && isHttp(one) && one.protocol === other.protocol && hostOf(one) === hostOf(other)
  );
}

/**
 * Whether an `Origin` may be that of a request's Host. Behind a proxy that ends TLS the scheme is unknown here, and the
 * port that the proxy adds may be of either: so only the hosts are compared, and a default port does not count.
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

/** A Host that holds more than a host is no one's. */
function isHostOnly({ username, password, pathname, search, hash }: URL): boolean {
  return username === "" && password === "" && pathname === "/" && search === "" && hash === "";
}

/** With a dot at its end a name is the same name, written in full (RFC 1034, section 3.1). */
function hostOf({ hostname, port }: URL): string {
  return `${hostname.replace(/\.$/, "")}:${port}`;
}
