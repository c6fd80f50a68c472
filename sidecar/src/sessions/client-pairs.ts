import { hash } from "node:crypto";
import { ipPrefix } from "../policy/ip-address.ts";

/** The last two different clients (user agent and network) of a session's generation, hashed. */
export interface ClientPairs {
  clientPair: Buffer | null;
  otherPair: Buffer | null;
}

interface Client {
  ipAddress: string | undefined;
  userAgent: string | undefined;
}

/** The client of a request; undefined unless both its address and its user agent were passed. */
export function pairOf({ ipAddress, userAgent }: Client): Buffer | undefined {
  if (ipAddress === undefined || userAgent === undefined) return undefined;
  return hash("sha256", `${ipPrefix(ipAddress)}\n${userAgent}`, "buffer").subarray(0, 16);
}

/** The pairs after a request of this client, where it changes them. */
export function nextPairs(pairs: ClientPairs, pair: Buffer | undefined): ClientPairs | undefined {
  if (!pair || pairs.clientPair?.equals(pair)) return undefined;
  return { clientPair: pair, otherPair: pairs.clientPair };
}

/** A, B, A: the client before last is back, so two clients hold the session and take turns. */
export function isShared(pairs: ClientPairs, pair: Buffer | undefined): boolean {
  if (!pair || !pairs.otherPair || pairs.clientPair?.equals(pair)) return false;
  return pairs.otherPair.equals(pair);
}
