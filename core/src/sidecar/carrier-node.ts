import { LIMITS } from "../contract/index.ts";
import { createElapsedClock } from "../frames/index.ts";
import type { CarrierFactory } from "./carrier.ts";
import { createFastPath } from "./fast-path/fast-path.ts";
import { createHeldAnswers } from "./holds/create-held-answers.ts";
import { HoldTable } from "./holds/hold-table.ts";
import { createHttpCarrier } from "./http-carrier.ts";

/** A connection that was heard from within this time is considered alive. */
const TRUSTED_MS = 1000;

/**
 * The carrier on Node: the fast path if the sidecar has one; `/run-command` if not, and while a fast-path connection
 * is being opened.
 */
export const createCarrier: CarrierFactory = (options) => {
  const http = createHttpCarrier(options);
  const nowMs = createElapsedClock();
  const table = options.hold === false ? undefined : new HoldTable({ nowMs });
  const holds = table && createHeldAnswers(table);
  const fastPath = createFastPath({ ...options, ...(table && { holds: { table, nowMs } }) });
  return {
    send(body, timeoutMs, sending = {}) {
      if (sending.fresh) return http.send(body, timeoutMs, sending);
      // A frame that is too long closes the connection, with other users' commands on it; with a request, only that
      // request is refused.
      const connection = fitsFrame(body) ? fastPath.connection() : undefined;
      const carrier = connection ?? http;
      // A command that cannot be sent twice is not sent over a connection that may be dead.
      const isRisky = sending.silence === undefined && (carrier.unheardMs ?? 0) > TRUSTED_MS;
      return isRisky ? http.send(body, timeoutMs, { fresh: true }) : carrier.send(body, timeoutMs, sending);
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
    ...(holds && { holds }),
    async close() {
      holds?.close();
      await Promise.all([fastPath.close(), http.close()]);
    },
  };
};

/** A UTF-16 unit is at most three bytes of UTF-8, so the bytes rarely need counting. */
function fitsFrame(body: string): boolean {
  return body.length * 3 <= LIMITS.bodyBytes || Buffer.byteLength(body) <= LIMITS.bodyBytes;
}
