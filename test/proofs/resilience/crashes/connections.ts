import { Agent, request } from "node:http";
import { json } from "node:stream/consumers";
import type { CommandAnswer } from "../../../harness/sidecar-client.ts";

/** A request that was never answered. */
export class ConnectionBroken extends Error {
  override readonly name = "ConnectionBroken";
  /**
   * Whether the server had answered on this connection before. A new one may have waited with the system all the while,
   * which resets it when the server stops listening: its request was never accepted.
   */
  readonly wasAccepted: boolean;

  constructor(wasAccepted: boolean, cause: unknown) {
    super("the connection broke", { cause });
    this.wasAccepted = wasAccepted;
  }
}

/** Sends commands over connections that are kept, as the clients of a sidecar do. */
export function openConnections() {
  const agent = new Agent({ keepAlive: true });

  function post(target: { url: string; integrationKey: string }, command: object): Promise<CommandAnswer> {
    return new Promise((resolve, reject) => {
      const sent = request(`${target.url}/run-command`, {
        agent,
        method: "POST",
        headers: { authorization: `Bearer ${target.integrationKey}`, "content-type": "application/json" },
      });
      const fail = (cause: unknown) => reject(new ConnectionBroken(sent.reusedSocket, cause));
      sent.once("error", fail);
      sent.once("response", (answer) => {
        json(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body: { ...Object(body) } }), fail);
      });
      sent.end(JSON.stringify(command));
    });
  }

  return { post, close: () => agent.destroy() };
}
