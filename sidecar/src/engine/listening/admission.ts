import type { IncomingMessage } from "node:http";
import { isLoopback } from "../loopback.ts";
import { isForwarded, isHostOf, isLoopbackHost, requestHost } from "./request-host.ts";

/** Where an admitted request comes from. `local`: from this machine. */
export type RequestSource = "local" | "remote";

/** Returns where a request comes from. Undefined: it must not be answered. */
export type Admission = (request: IncomingMessage) => RequestSource | undefined;

export interface AdmissionRules {
  /** A host name under which requests may come from anywhere. Default: none. */
  origin: string | undefined;
  /** The operator gave this its own port: everyone who reaches the port is admitted. */
  hasOwnPort: boolean;
  /** The operator asserts that only this machine reaches the port, although its peers have other addresses. */
  publishedOnLoopback: boolean;
  /** The header in which a proxy puts the client's address. Undefined: no proxy is known. */
  addressHeader: () => string | undefined;
}

/**
 * Admits only people at this machine, judged by the two ends of the connection and the operator's settings. Headers can
 * only refuse: the host must be a name that no attacker can own, because a page of another site can point its own name
 * to 127.0.0.1 (DNS rebinding), and a proxy on this machine is a loopback peer that forwards requests from anywhere.
 *
 * A Unix socket does not count as loopback: its clients are applications and proxies, never browsers, and nginx sends
 * `Host: localhost` there by default.
 */
export function createAdmission({ origin, hasOwnPort, publishedOnLoopback, addressHeader }: AdmissionRules): Admission {
  return (request) => {
    const host = requestHost(request);
    if (host === undefined) return undefined;
    const isNamed = origin !== undefined && isHostOf(origin, host);
    if (!isLoopbackHost(host)) return isNamed ? "remote" : undefined;
    const { remoteAddress, localAddress } = request.socket;
    if (remoteAddress === undefined || localAddress === undefined) return undefined;
    const isHere = publishedOnLoopback || (isLoopback(remoteAddress) && isLoopback(localAddress));
    if (isForwarded(request, addressHeader())) return isHere && isNamed ? "remote" : undefined;
    if (isHere) return "local";
    return hasOwnPort ? "remote" : undefined;
  };
}
