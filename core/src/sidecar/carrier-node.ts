import { setImmediate } from "node:timers";
import { LIMITS } from "../contract/index.ts";
import { createElapsedClock, FRAMES } from "../frames/index.ts";
import type { CarrierFactory } from "./carrier.ts";
import { createFastPath } from "./fast-path/fast-path.ts";
import { createHeldAnswers } from "./holds/create-held-answers.ts";
import { HoldTable } from "./holds/hold-table.ts";
import { createHttpCarrier } from "./http-carrier.ts";
import { createPushChannel } from "./watch/push-channel.ts";

const NOTHING_HELD = { forgetSession() {}, forgetOf() {} };
/** A connection that was heard from within this time is considered alive. */
const TRUSTED_MS = 1000;
/** A burst after a silence must not open a socket per command: the others share the connection, dead or not. */
const MAX_ALONE = 128;

/**
 * The carrier on Node: the fast path if the sidecar has one; `/run-command` if not, and while a fast-path connection
 * is being opened.
 */
export const createCarrier: CarrierFactory = (options) => {
  const http = createHttpCarrier(options);
  const nowMs = createElapsedClock();
  const table = options.hold === false ? undefined : new HoldTable({ nowMs });
  const holds = table && createHeldAnswers(table);
  const fastPath = createFastPath({
    ...options,
    extension: table ? FRAMES.holds : FRAMES.watch,
    holds: { table: table ?? NOTHING_HELD, nowMs },
  });
  const pushes = createPushChannel(() => fastPath.connection()?.pushing);
  let alone = 0;
  return {
    send(body, timeoutMs, sending = {}) {
      if (sending.fresh) return http.send(body, timeoutMs, sending);
      // A frame that is too long closes the connection, with other users' commands on it; with a request, only that
      // request is refused.
      const framed = sending.traceparent === undefined ? body : withTraceparent(body, sending.traceparent);
      const connection = fitsFrame(framed) ? fastPath.connection() : undefined;
      const carrier = connection ?? http;
      // A command that cannot be sent twice is not sent over a connection that may be dead.
      const isRisky = sending.silence === undefined && (carrier.unheardMs ?? 0) > TRUSTED_MS;
      if (!isRisky || alone >= MAX_ALONE) return carrier.send(connection ? framed : body, timeoutMs, sending);
      alone++;
      return http.send(body, timeoutMs, { ...sending, fresh: true }).finally(() => {
        alone--;
      });
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
    pushes,
    ...(holds && { holds }),
    async close() {
      holds?.close();
      await Promise.all([fastPath.close(), http.close()]);
    },
  };
};

/** A frame has no headers, so the command itself, which is a JSON object, gets one more member. */
function withTraceparent(body: string, traceparent: string): string {
  return `${body.slice(0, -1)},"traceparent":${JSON.stringify(traceparent)}}`;
}

/** A UTF-16 unit is at most three bytes of UTF-8, so the bytes rarely need counting. */
function fitsFrame(body: string): boolean {
  return body.length * 3 <= LIMITS.bodyBytes || Buffer.byteLength(body) <= LIMITS.bodyBytes;
}
