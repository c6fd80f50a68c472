import type { IncomingMessage } from "node:http";
import type { UpgradeResult } from "@byo-session/core";

/** What can authenticate a request that opens a WebSocket. */
export interface UpgradeAuthenticator {
  /**
   * The session of a request that opens a WebSocket: `Origin` is checked, nothing is rotated.
   *
   * @param env What the functions among the options see of the host beside the request: Node's own request where the host
   * has it, as `c.env.incoming` in Hono and `event.runtime.node.req` in h3.
   */
  authenticateUpgrade(request: Request, env?: UpgradeEnvironment): Promise<UpgradeResult>;
}

export interface UpgradeEnvironment {
  readonly incoming?: IncomingMessage;
}
