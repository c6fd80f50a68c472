import { COMMANDS, type CommandName } from "../contract/index.ts";
import { type Carrier, DeadlinePassed, type Sending, type SidecarAnswer } from "./carrier.ts";
import { createCircuitBreaker } from "./circuit-breaker.ts";
import { numberProblem } from "./finite-numbers.ts";

/** An answer of the sidecar, or why there is none. */
export type Delivery = SidecarAnswer | { status?: undefined; provenance?: undefined; fault: string };

export interface Transport {
  /** Never rejects. */
  run(command: CommandName, data: object, traceparent?: string): Promise<Delivery>;
  close(): Promise<void>;
}

export interface TransportOptions {
  carrier: Carrier;
  /** The sidecar's name in the log. */
  address: string;
  /** The deadline for one command, including its retry. */
  timeoutMs: number;
  nowMs: () => number;
  /** Receives a line when the sidecar stops answering, and one when it answers again. */
  log: (line: string) => void;
}

/**
 * When a sidecar stops, all its connections end, but not in the same instant: a command that is retried at once could
 * use another one that is about to end.
 */
const REPEAT_AFTER_MS = 25;

/**
 * A fraction of the deadline: if nothing was heard for that long, a command that may be sent twice is also sent over a
 * new connection.
 */
const SILENT_AFTER = 1 / 4;

/** What is sent, and the trace that it belongs to. */
interface Message {
  body: string;
  traceparent: string | undefined;
}

interface Command {
  message: Message;
  repeatable: boolean;
  resolve: (delivery: Promise<Delivery>) => void;
}

export function createTransport({ carrier, address, timeoutMs, nowMs, log }: TransportOptions): Transport {
  const breaker = createCircuitBreaker(nowMs);
  /** The commands of this tick, which are sent together. */
  let unsent: Command[] = [];
  // Keyed by the body, so equal in every field. Cleared when they are written, because a later request must see what
  // happened in between, such as an acknowledged logout.
  let shared = new Map<string, Promise<Delivery>>();
  let answering = true;
  let lastFault: unknown;
  let closing: Promise<void> | undefined;

  function leftOf(deadlineMs: number): number {
    return Math.max(0, deadlineMs - nowMs());
  }

  /**
   * A connection can die silently: behind a NAT that has forgotten it, or while this process was frozen. Detecting
   * that costs part of the deadline. The first answer counts, so a sidecar that is only slow loses nothing.
   */
  function sendUnlessSilent({ body, traceparent }: Message, deadlineMs: number): Promise<SidecarAnswer> {
    return new Promise((resolve, reject) => {
      let underWay = 0;
      function send(sending: Sending): void {
        underWay++;
        carrier.send(body, leftOf(deadlineMs), { ...sending, traceparent }).then(resolve, (error: unknown) => {
          if (--underWay === 0) reject(error);
        });
      }
      send({ silence: { afterMs: timeoutMs * SILENT_AFTER, tell: () => send({ fresh: true }) } });
    });
  }

  async function attempt(message: Message, repeatable: boolean, deadlineMs: number): Promise<Delivery> {
    try {
      const { body, traceparent } = message;
      const answer = await (repeatable
        ? sendUnlessSilent(message, deadlineMs)
        : carrier.send(body, leftOf(deadlineMs), { traceparent }));
      // 501 means that this sidecar does not have the command; the sidecar itself is healthy.
      if (answer.status >= 500 && answer.status !== 501) breaker.failed();
      else breaker.succeeded();
      if (!answering) log(`byo-session: the sidecar at ${address} answers again`);
      answering = true;
      return answer;
    } catch (error) {
      // When a connection breaks, all its commands get the same fault: that counts as one failure, however many they
      // are.
      if (error !== lastFault) breaker.failed();
      lastFault = error;
      const timedOut = error instanceof DeadlinePassed;
      if (repeatable && !timedOut && breaker.allows()) {
        await new Promise((resolve) => setTimeout(resolve, REPEAT_AFTER_MS));
        return await attempt(message, false, deadlineMs);
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
    for (const { message, repeatable, resolve } of commands) {
      resolve(breaker.allows() ? attempt(message, repeatable, deadlineMs) : Promise.resolve(leftAlone));
    }
  }

  function enqueue(message: Message, repeatable: boolean): Promise<Delivery> {
    return new Promise((resolve) => {
      if (unsent.length === 0) carrier.afterThisTick(sendTick);
      unsent.push({ message, repeatable, resolve });
    });
  }

  function share(message: Message): Promise<Delivery> {
    const waiting = shared.get(message.body);
    if (waiting) return waiting;
    const call = enqueue(message, true);
    shared.set(message.body, call);
    return call;
  }

  return {
    run(command, data, traceparent) {
      // A proof works for one call, because the first call uses up its `jti`. Only with the same attempt id does the
      // sidecar answer the second call like the first.
      const proves = "deviceVerification" in data;
      const isNamed = proves && carrier.knowsAttempts;
      const body = JSON.stringify({ command, data: isNamed ? { ...data, attemptId: crypto.randomUUID() } : data });
      const problem = numberProblem(data, body);
      if (problem !== undefined) return Promise.resolve(refused(problem));
      if (COMMANDS[command].isShareable && !proves) return share({ body, traceparent });
      return enqueue({ body, traceparent }, COMMANDS[command].isRepeatable && (!proves || isNamed));
    },
    close() {
      sendTick();
      closing ??= carrier.close();
      return closing;
    },
  };
}

/** As the sidecar answers to what it cannot accept. */
function refused(details: string): Delivery {
  return { status: 400, body: JSON.stringify({ type: "UnexpectedError", details }) };
}

const leftAlone: Delivery = { fault: "the sidecar failed several times in a row; calls pause for a moment" };

/** The code of a system or undici error: its message may contain addresses, but never what was sent. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return "transport fault";
  const { code } = error as Error & { code?: unknown };
  if (typeof code === "string") return code;
  return error.cause === undefined ? error.message : causeOf(error.cause);
}
