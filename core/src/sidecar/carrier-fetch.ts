import { ConfigurationError } from "../errors.ts";
import type { CarrierFactory } from "./carrier.ts";
import { withinDeadline } from "./deadline.ts";

/** The carrier for runtimes with only web APIs (edge runtimes); chosen by the package's `imports`. */
export const createCarrier: CarrierFactory = ({ address, authorization }) => {
  if (address.socketPath !== undefined) {
    throw new ConfigurationError("ERR_BYO_OPTIONS", "`url`: this runtime has no Unix sockets; use http:// or https://");
  }
  const headers = { "content-type": "application/json", authorization };
  return {
    send: (body, timeoutMs, { traceparent } = {}) =>
      withinDeadline(timeoutMs, async (signal) => {
        // A redirect would send the integration key to another address.
        const answer = await fetch(address.endpoint, {
          method: "POST",
          headers: traceparent ? { ...headers, traceparent } : headers,
          body,
          signal,
          redirect: "error",
          cache: "no-store",
        });
        return { status: answer.status, body: await answer.text() };
      }),
    afterThisTick: queueMicrotask,
    knowsAttempts: false,
    close: async () => {},
  };
};
