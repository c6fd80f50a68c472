import { COMMANDS, type CommandName } from "../contract/index.ts";
import { type Carrier, DeadlinePassed, type Sending, type SidecarAnswer } from "./carrier.ts";
import { createCircuitBreaker } from "./circuit-breaker.ts";

/** An answer of the sidecar, or why there is none. */
export type Delivery = SidecarAnswer | { status?: undefined; provenance?: undefined; fault: string };

export interface Transport {
  /** Never rejects. */
  run(command: CommandName, data: object): Promise<Delivery>;
  close(): Promise<void>;
}

export interface TransportOptions {
  carrier: Carrier;
  /** Names the sidecar in the log. */
  address: string;
  /** For one command, its repetition included. */
  timeoutMs: number;
  nowMs: () => number;
  /** Told once when the sidecar stops answering and once when it answers again. */
  log: (line: string) => void;
}

/**
 * With a sidecar all of its connections end, but not in the same instant: sent again at once, a command could take one
 * that is about to end too.
 */
const REPEAT_AFTER_MS = 25;

/** Of the deadline: where nothing was heard for so long, what may be sent twice is sent by a new connection too. */
const SILENT_AFTER = 1 / 4;

interface Command {
  body: string;
  repeatable: boolean;
  resolve: (delivery: Promise<Delivery>) => void;
}

export function createTransport({ carrier, address, timeoutMs, nowMs, log }: TransportOptions): Transport {
  const breaker = createCircuitBreaker(nowMs);
  /** Of this tick: they travel together. */
  let unsent: Command[] = [];
  // By body, so equal in every field; emptied when they are written, since a later request must see what happened
  // in between (a log-out that has been acknowledged, say).
  let shared = new Map<string, Promise<Delivery>>();
  let answering = true;
  let lastFault: unknown;
  let closing: Promise<void> | undefined;

  function leftOf(deadlineMs: number): number {
    return Math.max(0, deadlineMs - nowMs());
  }

  /**
   * A connection can die without a word: behind a NAT that has forgotten it, or while this process was frozen. That costs
   * a part of the deadline. The first to be answered counts: a sidecar that is only slow loses nothing.
   */
  function sendUnlessSilent(body: string, deadlineMs: number): Promise<SidecarAnswer> {
    return new Promise((resolve, reject) => {
      let underWay = 0;
      function send(sending: Sending): void {
        underWay++;
        carrier.send(body, leftOf(deadlineMs), sending).then(resolve, (error: unknown) => {
          if (--underWay === 0) reject(error);
        });
      }
      send({ silence: { afterMs: timeoutMs * SILENT_AFTER, tell: () => send({ fresh: true }) } });
    });
  }

  async function attempt(body: string, repeatable: boolean, deadlineMs: number): Promise<Delivery> {
    try {
      const answer = await (repeatable ? sendUnlessSilent(body, deadlineMs) : carrier.send(body, leftOf(deadlineMs)));
      // 501 names a command that this sidecar does not have; the sidecar itself is well.
      if (answer.status >= 500 && answer.status !== 501) breaker.failed();
      else breaker.succeeded();
      if (!answering) log(`byo-session: the sidecar at ${address} answers again`);
      answering = true;
      return answer;
    } catch (error) {
      // The commands of one connection get one fault when it breaks: that is one failure, however many they were.
      if (error !== lastFault) breaker.failed();
      lastFault = error;
      const timedOut = error instanceof DeadlinePassed;
      if (repeatable && !timedOut && breaker.allows()) {
        await new Promise((resolve) => setTimeout(resolve, REPEAT_AFTER_MS));
        return await attempt(body, false, deadlineMs);
      }
      const fault = timedOut ? `no answer within ${timeoutMs} ms` : causeOf(error);
      if (answering)
        log(`byo-session: no answer from ${address} (${fault}); requests with a session get 503 until there is`);
      answering = false;
      return { fault };
    }
  }

  function sendTick(): void {
    const commands = unsent;
    unsent = [];
    shared = new Map();
    const deadlineMs = nowMs() + timeoutMs;
    for (const { body, repeatable, resolve } of commands) {
      resolve(breaker.allows() ? attempt(body, repeatable, deadlineMs) : Promise.resolve(leftAlone));
    }
  }

  function enqueue(body: string, repeatable: boolean): Promise<Delivery> {
    return new Promise((resolve) => {
      if (unsent.length === 0) carrier.afterThisTick(sendTick);
      unsent.push({ body, repeatable, resolve });
    });
  }

  function share(body: string): Promise<Delivery> {
    const waiting = shared.get(body);
    if (waiting) return waiting;
    const call = enqueue(body, true);
    shared.set(body, call);
    return call;
  }

  return {
    run(command, data) {
      // A proof is good for one call, since its `jti` is spent by the first; only under the name of one attempt does the
      // sidecar answer the second as it answered the first.
      const proves = "deviceVerification" in data;
      const isNamed = proves && carrier.knowsAttempts;
      const body = JSON.stringify({ command, data: isNamed ? { ...data, attemptId: crypto.randomUUID() } : data });
      if (COMMANDS[command].isShareable && !proves) return share(body);
      return enqueue(body, COMMANDS[command].isRepeatable && (!proves || isNamed));
    },
    close() {
      sendTick();
      closing ??= carrier.close();
      return closing;
    },
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
