import type { IncomingMessage } from "node:http";
import { isLoopback } from "../config/env.ts";

/**
 * The server that a request names, as `localhost:2884`. Undefined where that is not one plain name: several `Host`
 * headers, none, or a target that names a server of its own, which would hold instead (RFC 9112, section 3.2.2).
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
  // Parsed alike, so that the port that is the default of the scheme may stand there or not.
  return URL.parse(`${expected.protocol}//${host}/`)?.host === expected.host;
}

/** What proxies, balancers and meshes add to what they pass on, and browsers never send. */
const ADDED_BY_PROXIES =
  /^(forwarded|via|x-(forwarded|original|envoy|azure|appengine)-.+|x-(real|client|cluster-client|remote)-ip|x-remote-addr|true-client-ip|fastly-client-ip|cf-.+|cdn-loop|x-amzn-trace-id)$/;

/**
 * Whether a proxy has passed the request on, as far as that can be seen. `addressHeader`: where the configuration says
 * that a proxy puts the address of the client.
 */
export function isForwarded({ headers, httpVersion }: IncomingMessage, addressHeader: string | undefined): boolean {
  // nginx speaks HTTP/1.0 where nothing else is set, and no browser does.
  if (httpVersion === "1.0") return true;
  return Object.keys(headers).some((name) => ADDED_BY_PROXIES.test(name) || name === addressHeader?.toLowerCase());
}
