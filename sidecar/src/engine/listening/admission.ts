import type { IncomingMessage } from "node:http";
import { isLoopback } from "../config/env.ts";
import { isForwarded, isHostOf, isLoopbackHost, requestHost } from "./request-host.ts";

/** Where a request that is let in comes from. `local`: from somebody at this machine. */
export type RequestSource = "local" | "remote";

/** Says where a request comes from. Undefined: it must not be answered. */
export type Admission = (request: IncomingMessage) => RequestSource | undefined;

export interface AdmissionRules {
  /** A name under which requests may come from anywhere. Default: no such name. */
  origin: string | undefined;
  /** The operator gave this a port of its own: all who reach it may come. */
  hasOwnPort: boolean;
  /** The operator says that only this machine reaches the port, though its peers have other addresses. */
  publishedOnLoopback: boolean;
  /** The header in which a proxy puts the address of the client. Undefined: no proxy is known. */
  addressHeader: () => string | undefined;
}

/**
 * Keeps what is meant for people at this machine from everybody else. What counts are the two ends of the connection and
 * what the operator has said. Headers only take away: the name has to be one that no attacker can own, for a page of
 * another site can make its own name point to 127.0.0.1 (DNS rebinding), and a proxy on this machine is a peer on
 * loopback that speaks for the whole world.
 *
 * A Unix socket is not loopback: what connects to one is an application or a proxy, never a browser, and nginx says
 * `Host: localhost` there by itself.
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
