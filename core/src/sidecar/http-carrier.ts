import { Pool } from "undici";
import type { Carrier, CarrierOptions } from "./carrier.ts";
import { withinDeadline } from "./deadline.ts";

/** Enough to keep a sidecar busy; a flood waits here instead of opening a socket for each request. */
const CONNECTIONS = 128;

/** `/run-command` over kept-alive connections, at a half to a third of the CPU of the global fetch. */
export function createHttpCarrier({
  address,
  authorization,
}: Pick<CarrierOptions, "address" | "authorization">): Pick<Carrier, "send" | "close"> {
  const { endpoint, socketPath } = address;
  const pool = new Pool(endpoint.origin, {
    connections: CONNECTIONS,
    ...(socketPath !== undefined && { socketPath }),
    // The deadline is the caller's; undici's own timers are coarser and would cost a second timer for each call.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const path = endpoint.pathname;
  const headers = { "content-type": "application/json", authorization };
  return {
    send: (body, timeoutMs) =>
      withinDeadline(timeoutMs, async (signal) => {
        const answer = await pool.request({ method: "POST", path, headers, body, signal });
        return { status: answer.statusCode, body: await answer.body.text() };
      }),
    close: () => pool.close(),
  };
}
