import type { IncomingMessage } from "node:http";
import type { UpgradeResult } from "@byo-session/core";

/** Authenticates requests that open a WebSocket. */
export interface UpgradeAuthenticator {
  /**
   * The session of a request that opens a WebSocket. `Origin` is checked, and the token is not rotated.
   *
   * @param env What the functions among the options see besides the request: Node's own request in the host's usual
   * place, as `c.env.incoming` in Hono and `event.runtime.node.req` in h3.
   */
  authenticateUpgrade(request: Request, env?: UpgradeEnvironment): Promise<UpgradeResult>;
}

export interface UpgradeEnvironment {
  readonly incoming?: IncomingMessage;
}
