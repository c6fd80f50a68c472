import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { ipPrefix } from "../policy/ip-address.ts";

/** The last two different clients of a session's generation, each a hash of user agent and network. */
export interface ClientPairs {
  clientPair: Buffer | null;
  otherPair: Buffer | null;
}

interface Client {
  ipAddress: string | undefined;
  userAgent: string | undefined;
}

/** Most requests come from a recent client. With the longest user agents the cache takes 16 MB. */
const known = new LRUCache<string, Buffer>({ max: 2000 });

/** The client of a request; undefined unless the application passed both address and user agent. */
export function pairOf({ ipAddress, userAgent }: Client): Buffer | undefined {
  if (ipAddress === undefined || userAgent === undefined) return undefined;
  const client = `${ipPrefix(ipAddress)}\n${userAgent}`;
  let pair = known.get(client);
  if (!pair) {
    pair = hash("sha256", client, "buffer").subarray(0, 16);
    known.set(client, pair);
  }
  return pair;
}

/** The pairs after a request of this client; undefined if they stay the same. */
export function nextPairs(pairs: ClientPairs, pair: Buffer | undefined): ClientPairs | undefined {
  if (!pair || pairs.clientPair?.equals(pair)) return undefined;
  return { clientPair: pair, otherPair: pairs.clientPair };
}

/** A, B, A: the client before the last one is back, so two clients use the session in turn. */
export function isShared(pairs: ClientPairs, pair: Buffer | undefined): boolean {
  if (!pair || !pairs.otherPair || pairs.clientPair?.equals(pair)) return false;
  return pairs.otherPair.equals(pair);
}
