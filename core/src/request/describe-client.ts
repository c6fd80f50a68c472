import { LIMITS } from "../contract/index.ts";
import { canonicalAddress } from "./client-address.ts";
import type { RequestView } from "./request-view.ts";

/**
 * What Node's own `fetch` says of itself. A page on the server that passes its cookie on with it is no other browser, at
 * which a session ends: it says nothing of one, so its request is refused and the session lives.
 */
const SERVERS_FETCH: ReadonlySet<string> = new Set(["node", "undici"]);

/** What the sidecar compares with the session's login, written and cut alike at every call. */
export function describeClient(view: RequestView): { userAgent?: string; ipAddress?: string } {
  const agent = view.header("user-agent");
  const ipAddress = canonicalAddress(view.clientIp);
  const client: { userAgent?: string; ipAddress?: string } = {};
  if (agent !== undefined && !SERVERS_FETCH.has(agent)) client.userAgent = agent.slice(0, LIMITS.userAgentChars);
  if (ipAddress !== undefined) client.ipAddress = ipAddress;
  return client;
}
