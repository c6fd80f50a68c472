import { LIMITS } from "../contract/index.ts";
import { canonicalAddress } from "./client-address.ts";
import type { RequestView } from "./request-view.ts";

/**
 * The user agent of Node's own `fetch`. A server-side page that forwards its cookie with `fetch` is not another
 * browser, which would end the session. So it counts as no user agent: the request is refused and the session lives
 * on.
 */
function isServersFetch(agent: string): boolean {
  return agent === "node" || agent === "undici";
}

/** What the sidecar compares with the session's login, formatted and cut in the same way at every call. */
export function describeClient(view: RequestView): { userAgent?: string; ipAddress?: string } {
  const agent = view.header("user-agent");
  const ipAddress = canonicalAddress(view.clientIp);
  const client: { userAgent?: string; ipAddress?: string } = {};
  if (agent !== undefined && !isServersFetch(agent)) client.userAgent = agent.slice(0, LIMITS.userAgentChars);
  if (ipAddress !== undefined) client.ipAddress = ipAddress;
  return client;
}
