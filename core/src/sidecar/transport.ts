import type { CommandName } from "../contract/index.ts";
import { createCircuitBreaker } from "./circuit-breaker.ts";
import type { HttpAnswer, HttpPost } from "./http-post.ts";

/** An answer of the sidecar, or why there is none. */
export type Delivery = HttpAnswer | { status?: undefined; fault: string };

export interface Transport {
  /** Never rejects. */
  run(command: CommandName, data: object): Promise<Delivery>;
  close(): Promise<void>;
}

export interface TransportOptions {
  post: HttpPost;
  /** Names the sidecar in the log. */
  address: string;
  /** For one command, its repetition included. */
  timeoutMs: number;
  nowMs: () => number;
  /** Told once when the sidecar stops answering and once when it answers again. */
  log: (line: string) => void;
}

/**
 * What may be sent a second time after a transport fault: the first may have been carried out, its answer lost. So
 * never what makes or changes something, nor `InvalidateSessionById`, whose repetition would answer `SessionNotFound`
 * for the session that the first has ended.
 */
const REPEATABLE: ReadonlySet<CommandName> = new Set<CommandName>([
  "Ping",
  "ValidateSession",
  "ValidateAndRefreshSession",
  "FetchAllSessionsForUser",
  "FetchAllSessions",
  "FetchSessionById",
  "InvalidateSessionByToken",
  "InvalidateAllSessionsForUser",
  "InvalidateAllSessionsForUserExceptOne",
  "CreateDeviceChallenge",
  "FetchRememberedDevicesForUser",
]);
const SHAREABLE: ReadonlySet<CommandName> = new Set<CommandName>(["ValidateSession", "ValidateAndRefreshSession"]);

export function createTransport({ post, address, timeoutMs, nowMs, log }: TransportOptions): Transport {
  const breaker = createCircuitBreaker(nowMs);
  // By body, so equal in every field; emptied when they are written, since a later request must see what happened
  // in between (a log-out that has been acknowledged, say).
  const unsent = new Map<string, Promise<Delivery>>();
  let answering = true;

  function deliver(body: string, repeatable: boolean): Promise<Delivery> {
    return breaker.allows() ? attempt(body, repeatable, nowMs() + timeoutMs) : Promise.resolve(leftAlone);
  }

  async function attempt(body: string, repeatable: boolean, deadlineMs: number): Promise<Delivery> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), Math.max(0, deadlineMs - nowMs()));
    try {
      const answer = await post.send(body, controller.signal);
      // 501 names a command that this sidecar does not have; the sidecar itself is well.
      if (answer.status >= 500 && answer.status !== 501) breaker.failed();
      else breaker.succeeded();
      if (!answering) log(`byo-session: the sidecar at ${address} answers again`);
      answering = true;
      return answer;
    } catch (error) {
      breaker.failed();
      const timedOut = controller.signal.aborted;
      if (repeatable && !timedOut && breaker.allows()) return await attempt(body, false, deadlineMs);
      const fault = timedOut ? `no answer within ${timeoutMs} ms` : causeOf(error);
      if (answering)
        log(`byo-session: no answer from ${address} (${fault}); requests with a session get 503 until there is`);
      answering = false;
      return { fault };
    } finally {
      clearTimeout(timer);
    }
  }

  function share(body: string): Promise<Delivery> {
    const waiting = unsent.get(body);
    if (waiting) return waiting;
    const call = new Promise<Delivery>((resolve) => {
      post.afterThisTick(() => {
        unsent.delete(body);
        resolve(deliver(body, true));
      });
    });
    unsent.set(body, call);
    return call;
  }

  return {
    run(command, data) {
      const body = JSON.stringify({ command, data });
      // A proof is good for one call: its `jti` is spent by the first.
      const proves = "deviceVerification" in data;
      if (SHAREABLE.has(command) && !proves) return share(body);
      return deliver(body, REPEATABLE.has(command) && !proves);
    },
    close: () => post.close(),
  };
}

const leftAlone: Delivery = { fault: "the sidecar failed several times in a row and is left alone for a moment" };

/** The code of a system or undici error: its message may hold addresses, never what was sent. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return "transport fault";
  const { code } = error as Error & { code?: unknown };
  if (typeof code === "string") return code;
  return error.cause === undefined ? error.message : causeOf(error.cause);
}
