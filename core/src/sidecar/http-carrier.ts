import { Pool } from "undici";
import type { Carrier, CarrierOptions, SidecarAnswer } from "./carrier.ts";
import { withinDeadline } from "./deadline.ts";
import { createLastHeard } from "./last-heard.ts";

/** Enough to keep a sidecar busy; a flood queues here instead of opening a socket per request. */
const CONNECTIONS = 128;

export interface HttpCarrier extends Pick<Carrier, "send" | "close"> {
  /** How long nothing has been heard over the kept-alive connections; undefined if none can be old. */
  readonly unheardMs: number | undefined;
}

/** `/run-command` over kept-alive connections, for a half to a third of the CPU of the global fetch. */
export function createHttpCarrier({
  address,
  authorization,
}: Pick<CarrierOptions, "address" | "authorization">): HttpCarrier {
  const { endpoint, socketPath } = address;
  const open = (connections: number) =>
    new Pool(endpoint.origin, {
      connections,
      ...(socketPath !== undefined && { socketPath }),
      // The caller has its own deadline; undici's timers are coarser and would cost a second timer per call.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  const pool = open(CONNECTIONS);
  const heard = createLastHeard();
  const path = endpoint.pathname;
  const headers = { "content-type": "application/json", authorization };

  const traced = (traceparent: string | undefined) => (traceparent ? { ...headers, traceparent } : headers);

  async function ask(by: Pool, body: string, timeoutMs: number, traceparent?: string): Promise<SidecarAnswer> {
    return withinDeadline(timeoutMs, async (signal) => {
      const answer = await by.request({ method: "POST", path, headers: traced(traceparent), body, signal });
      if (by === pool) heard.now();
      return { status: answer.statusCode, body: await answer.body.text() };
    });
  }

  async function askAlone(body: string, timeoutMs: number, traceparent?: string): Promise<SidecarAnswer> {
    const own = open(1);
    try {
      return await ask(own, body, timeoutMs, traceparent);
    } finally {
      // Nobody waits any more for what it still waits for.
      void own.destroy();
    }
  }

  return {
    get unheardMs() {
      return heard.agoMs;
    },
    async send(body, timeoutMs, { silence, fresh = false, traceparent } = {}) {
      // A connection that has just been opened cannot be dead.
      const timer = silence && heard.agoMs !== undefined && setTimeout(silence.tell, silence.afterMs);
      try {
        return await (fresh ? askAlone(body, timeoutMs, traceparent) : ask(pool, body, timeoutMs, traceparent));
      } finally {
        if (timer) clearTimeout(timer);
      }
    },
    close: () => pool.close(),
  };
}
