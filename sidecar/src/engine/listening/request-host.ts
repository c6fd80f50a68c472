import type { IncomingMessage } from "node:http";
import { isLoopback } from "../loopback.ts";

/**
 * The server that a request names, such as `localhost:2884`. Undefined unless it is one plain name: there may be
 * several `Host` headers, no header, or a target with its own server, which would take precedence (RFC 9112, section
 * 3.2.2).
 */
export function requestHost({ headersDistinct, url = "" }: IncomingMessage): string | undefined {
  const [host, ...others] = headersDistinct.host ?? [];
  const isPlain = host !== undefined && others.length === 0 && /^[\w.:[\]-]+$/.test(host) && url.startsWith("/");
  return isPlain && URL.canParse(`http://${host}/`) ? host : undefined;
}

/** Whether a host, with or without a port, is a name of this machine for itself. */
export function isLoopbackHost(host: string): boolean {
  return isLoopback(new URL(`http://${host}/`).hostname.replace(/^\[|\]$/g, ""));
}

export function isHostOf(origin: string, host: string): boolean {
  const expected = new URL(origin);
  // Both are parsed, so that the scheme's default port may be present or not.
  return URL.parse(`${expected.protocol}//${host}/`)?.host === expected.host;
}

/** Headers that proxies, balancers and meshes add, and browsers never send. */
const ADDED_BY_PROXIES =
  /^(forwarded|via|x-(forwarded|original|envoy|azure|appengine)-.+|x-(real|client|cluster-client|remote)-ip|x-remote-addr|true-client-ip|fastly-client-ip|cf-.+|cdn-loop|x-amzn-trace-id)$/;

/**
 * Whether a proxy has visibly forwarded the request. `addressHeader`: the configured header in which a proxy puts the
 * client's address.
 */
export function isForwarded({ headers, httpVersion }: IncomingMessage, addressHeader: string | undefined): boolean {
  // nginx forwards by HTTP/1.0 by default, which no browser uses.
  if (httpVersion === "1.0") return true;
  return Object.keys(headers).some((name) => ADDED_BY_PROXIES.test(name) || name === addressHeader?.toLowerCase());
}
