import { ConfigurationError } from "../errors.ts";

/**
 * An address in the form that a header can carry and browsers request: characters that are not printable ASCII, and
 * spaces, are percent-encoded. The rest, including already encoded parts, stays as it is.
 */
export function percentEncoded(address: string): string {
  return address.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}

/** Whether an address is a path on this site that no browser reads as another host. */
export function isPath(address: string): boolean {
  return /^\/(?![/\\])/.test(address);
}

export function isPlainHttpUrl(value: unknown): value is string {
  const url = typeof value === "string" ? URL.parse(value) : null;
  return (url?.protocol === "http:" || url?.protocol === "https:") && url.search === "" && url.hash === "";
}

/** A page of the application, or of another site that logs its users in. */
export function isPageAddress(value: string): boolean {
  const protocol = URL.parse(value)?.protocol;
  return isPath(value) || protocol === "http:" || protocol === "https:";
}

/** As browsers write it, with the host in ASCII. */
export function pageAddress(value: string): string {
  return isPath(value) ? percentEncoded(value) : new URL(value).href;
}

/** Where browsers reach the application. */
export interface PublicAddress {
  readonly origin: string;
  /** Its path without a trailing slash; empty at the root. */
  readonly path: string;
}

export function publicAddress(value: string): PublicAddress {
  const { origin, pathname } = new URL(value);
  return { origin, path: pathname.replace(/\/$/, "") };
}

/**
 * @throws ConfigurationError `ERR_BYO_OPTIONS` from the returned function, if the application's function returns no
 * address.
 */
export function checkedPublicUrl<Req>(publicUrl: (req: Req) => string): (req: Req) => PublicAddress {
  return (req) => {
    const value: unknown = publicUrl(req);
    if (isPlainHttpUrl(value)) return publicAddress(value);
    throw new ConfigurationError(
      "ERR_BYO_OPTIONS",
      "`publicUrl`: expected the function to return an http(s) URL without query and fragment, such as " +
        `https://example.com/app, got ${typeof value === "string" ? JSON.stringify(value) : typeof value}`,
    );
  };
}
