import { DeadlinePassed, type Sending, type SidecarAnswer } from "../carrier.ts";

interface PendingCommand {
  /** The command as it was sent. Cleared when the caller has given up. */
  body: string;
  readonly sentAtMs: number;
  readonly deadlineMs: number;
  readonly resolve: (answer: SidecarAnswer) => void;
  readonly reject: (fault: Error) => void;
  isLate: boolean;
  /** When to check once whether the other end is silent. */
  suspectAtMs: number;
  readonly tellSilence: (() => void) | undefined;
}

/**
 * A map with many additions and removals gets a new table from time to time, and in V8 the old table points to the new
 * one. Once one of them is in the old generation, all later tables and their entries live until the next full
 * collection. A new map has no such history.
 */
const RENEWED_AFTER = 512;

/** The unanswered commands of one connection. */
export interface PendingCommands {
  /** Commands whose caller is still waiting. */
  readonly underWay: number;
  /** Commands whose caller has given up; their answers may still arrive. */
  readonly late: number;
  add(id: number, body: string, timeoutMs: number, silence?: Sending["silence"]): Promise<SidecarAnswer>;
  get(id: number): PendingCommand | undefined;
  delete(id: number): void;
  rejectAll(fault: Error): void;
}

/**
 * Keeps all deadlines with one timer, set for the earliest. `onLate` gets the time when each late command was sent;
 * after that its caller has been answered. `isSilent` says whether nothing has arrived since a command was sent.
 */
export function createPendingCommands(
  onLate: (sentAtMs: number) => void,
  isSilent: (sentAtMs: number) => boolean,
): PendingCommands {
  let commands = new Map<number, PendingCommand>();
  let late = 0;
  let ended = 0;
  let timer: NodeJS.Timeout | undefined;
  let timerAtMs = Number.POSITIVE_INFINITY;

  function watch(atMs: number, nowMs: number): void {
    if (atMs >= timerAtMs) return;
    clearTimeout(timer);
    timerAtMs = atMs;
    // The socket keeps the process alive while a command is pending.
    timer = setTimeout(look, atMs - nowMs).unref();
  }

  function look(): void {
    const nowMs = performance.now();
    // This process may have been busy, so read what has arrived before considering a connection silent.
    if (suspectsAt(nowMs).length > 0) setImmediate(() => suspect(nowMs));
    expire(nowMs);
  }

  function suspectsAt(nowMs: number): PendingCommand[] {
    return [...commands.values()].filter(({ suspectAtMs, isLate }) => !isLate && suspectAtMs <= nowMs);
  }

  function suspect(nowMs: number): void {
    for (const command of suspectsAt(nowMs)) {
      command.suspectAtMs = Number.POSITIVE_INFINITY;
      if (isSilent(command.sentAtMs)) command.tellSilence?.();
    }
  }

  function expire(nowMs: number): void {
    const expired: PendingCommand[] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    for (const command of commands.values()) {
      if (command.isLate) continue;
      if (command.deadlineMs <= nowMs) expired.push(command);
      else nextMs = Math.min(nextMs, command.deadlineMs);
      // A suspected connection is checked once more in this turn.
      if (command.suspectAtMs > nowMs) nextMs = Math.min(nextMs, command.suspectAtMs);
    }
    timerAtMs = Number.POSITIVE_INFINITY;
    if (nextMs < timerAtMs) watch(nextMs, nowMs);
    for (const command of expired) {
      // Its id stays known, because a late answer is not an error of the sidecar.
      command.isLate = true;
      command.body = "";
      late++;
      command.reject(new DeadlinePassed());
      onLate(command.sentAtMs);
    }
  }

  return {
    get underWay() {
      return commands.size - late;
    },
    get late() {
      return late;
    },
    add: (id, body, timeoutMs, silence) =>
      new Promise((resolve, reject) => {
        const sentAtMs = performance.now();
        const deadlineMs = sentAtMs + timeoutMs;
        const suspectAtMs = sentAtMs + (silence?.afterMs ?? Number.POSITIVE_INFINITY);
        const tellSilence = silence?.tell;
        commands.set(id, { body, sentAtMs, deadlineMs, resolve, reject, isLate: false, suspectAtMs, tellSilence });
        watch(Math.min(deadlineMs, suspectAtMs), sentAtMs);
      }),
    get: (id) => commands.get(id),
    delete(id) {
      if (commands.get(id)?.isLate) late--;
      commands.delete(id);
      if (++ended % RENEWED_AFTER === 0) commands = new Map(commands);
    },
    rejectAll(fault) {
      clearTimeout(timer);
      for (const command of commands.values()) command.reject(fault);
      commands.clear();
      late = 0;
    },
  };
}
