import { ConfigurationError } from "../errors.ts";

/**
 * An address as a header can hold it and as browsers ask for it: what is not ASCII, not printable or a space is written
 * in percent-encoding. The rest, encoded parts too, stays as it is.
 */
export function percentEncoded(address: string): string {
  return address.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}

/** Whether an address is a path on this site, which no browser reads as another host. */
export function isPath(address: string): boolean {
  return /^\/(?![/\\])/.test(address);
}

export function isPlainHttpUrl(value: unknown): value is string {
  const url = typeof value === "string" ? URL.parse(value) : null;
  return (url?.protocol === "http:" || url?.protocol === "https:") && url.search === "" && url.hash === "";
}

/** A page of the application's own, or of another site that logs its users in. */
export function isPageAddress(value: string): boolean {
  const protocol = URL.parse(value)?.protocol;
  return isPath(value) || protocol === "http:" || protocol === "https:";
}

/** As browsers write it: the host in its ASCII form. */
export function pageAddress(value: string): string {
  return isPath(value) ? percentEncoded(value) : new URL(value).href;
}

/** Where browsers reach the application. */
export interface PublicAddress {
  readonly origin: string;
  /** What it has of a path, without a slash at its end; empty at the root. */
  readonly path: string;
}

export function publicAddress(value: string): PublicAddress {
  const { origin, pathname } = new URL(value);
  return { origin, path: pathname.replace(/\/$/, "") };
}

/** @throws ConfigurationError `ERR_BYO_OPTIONS` from the returned function, where the application's own gives no address. */
export function checkedPublicUrl<Req>(publicUrl: (req: Req) => string): (req: Req) => PublicAddress {
  return (req) => {
    const value: unknown = publicUrl(req);
    if (isPlainHttpUrl(value)) return publicAddress(value);
    throw new ConfigurationError(
      "ERR_BYO_OPTIONS",
      "`publicUrl`: the function has to give an http(s) address without query and fragment, such as " +
        `https://example.com/app, and gave ${typeof value === "string" ? JSON.stringify(value) : typeof value}`,
    );
  };
}
