import { Pool } from "undici";
import type { Carrier, CarrierOptions, SidecarAnswer } from "./carrier.ts";
import { withinDeadline } from "./deadline.ts";
import { createLastHeard } from "./last-heard.ts";

/** Enough to keep a sidecar busy; a flood waits here instead of opening a socket for each request. */
const CONNECTIONS = 128;

export interface HttpCarrier extends Pick<Carrier, "send" | "close"> {
  /** How long nothing has been heard over the connections that are kept; undefined where none can be old. */
  readonly unheardMs: number | undefined;
}

/** `/run-command` over kept-alive connections, at a half to a third of the CPU of the global fetch. */
export function createHttpCarrier({
  address,
  authorization,
}: Pick<CarrierOptions, "address" | "authorization">): HttpCarrier {
  const { endpoint, socketPath } = address;
  const open = (connections: number) =>
    new Pool(endpoint.origin, {
      connections,
      ...(socketPath !== undefined && { socketPath }),
      // The deadline is the caller's; undici's own timers are coarser and would cost a second timer for each call.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  const pool = open(CONNECTIONS);
  const heard = createLastHeard();
  const path = endpoint.pathname;
  const headers = { "content-type": "application/json", authorization };

  async function ask(by: Pool, body: string, timeoutMs: number): Promise<SidecarAnswer> {
    return withinDeadline(timeoutMs, async (signal) => {
      const answer = await by.request({ method: "POST", path, headers, body, signal });
      if (by === pool) heard.now();
      return { status: answer.statusCode, body: await answer.body.text() };
    });
  }

  async function askAlone(body: string, timeoutMs: number): Promise<SidecarAnswer> {
    const own = open(1);
    try {
      return await ask(own, body, timeoutMs);
    } finally {
      // What it still waits for, nobody does.
      void own.destroy();
    }
  }

  return {
    get unheardMs() {
      return heard.agoMs;
    },
    async send(body, timeoutMs, { silence, fresh = false } = {}) {
      // One that has just been opened cannot have died since.
      const timer = silence && heard.agoMs !== undefined && setTimeout(silence.tell, silence.afterMs);
      try {
        return await (fresh ? askAlone(body, timeoutMs) : ask(pool, body, timeoutMs));
      } finally {
        if (timer) clearTimeout(timer);
      }
    },
    close: () => pool.close(),
  };
}
