import type { UpgradeResult } from "@byo-session/core";

/** What can authenticate a request that opens a WebSocket. */
export interface UpgradeAuthenticator {
  /**
   * The session of a request that opens a WebSocket: `Origin` is checked, nothing is rotated.
   *
   * @param env What the functions among the options find as the host's environment of the request, such as Hono's `c.env`.
   */
  authenticateUpgrade(request: Request, env?: object): Promise<UpgradeResult>;
}
