import { LIMITS } from "../contract/index.ts";
import type { CarrierFactory } from "./carrier.ts";
import { createFastPath } from "./fast-path/fast-path.ts";
import { createHttpCarrier } from "./http-carrier.ts";

/**
 * The carrier on Node: the fast path where the sidecar has one, `/run-command` where it has none, and while a connection
 * of the fast path is being opened.
 */
export const createCarrier: CarrierFactory = (options) => {
  const http = createHttpCarrier(options);
  const fastPath = createFastPath(options);
  return {
    send(body, timeoutMs) {
      // A frame that is too long closes the connection, with other users' commands on it; a request is refused alone.
      const connection = fitsFrame(body) ? fastPath.connection() : undefined;
      return (connection ?? http).send(body, timeoutMs);
    },
    afterThisTick(callback) {
      setImmediate(() => {
        fastPath.startTick();
        callback();
      });
    },
    get knowsAttempts() {
      return fastPath.isServed;
    },
    async close() {
      await Promise.all([fastPath.close(), http.close()]);
    },
  };
};

/** A UTF-16 unit is at most three bytes of UTF-8: hardly ever are they counted. */
function fitsFrame(body: string): boolean {
  return body.length * 3 <= LIMITS.bodyBytes || Buffer.byteLength(body) <= LIMITS.bodyBytes;
}
