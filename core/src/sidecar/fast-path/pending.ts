import { DeadlinePassed, type Sending, type SidecarAnswer } from "../carrier.ts";

interface PendingCommand {
  /** As it was sent. Emptied when the caller has given up. */
  body: string;
  readonly sentAtMs: number;
  readonly deadlineMs: number;
  readonly resolve: (answer: SidecarAnswer) => void;
  readonly reject: (fault: Error) => void;
  isLate: boolean;
  /** When it is looked whether the other end is silent; once. */
  suspectAtMs: number;
  readonly tellSilence: (() => void) | undefined;
}

/**
 * A map to which much is added and taken away again gets a new table now and then, and in V8 the old table leads to the
 * new one: once one of them has grown old, all that come after it, and all that was in them, live until the next full
 * collection. A new map has nothing before it.
 */
const RENEWED_AFTER = 512;

/** The commands of one connection that have no answer yet. */
export interface PendingCommands {
  /** Those that somebody still waits for. */
  readonly underWay: number;
  /** Those that nobody waits for any more: their answers are still to come. */
  readonly late: number;
  add(id: number, body: string, timeoutMs: number, silence?: Sending["silence"]): Promise<SidecarAnswer>;
  get(id: number): PendingCommand | undefined;
  delete(id: number): void;
  rejectAll(fault: Error): void;
}

/**
 * Keeps the deadlines by one timer, set for the earliest. `onLate` is told when each late one was sent; afterwards the
 * caller has been answered. `isSilent` says whether nothing has come since a command was sent.
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
    // The socket keeps the process alive while a command is under way.
    timer = setTimeout(look, atMs - nowMs).unref();
  }

  function look(): void {
    const nowMs = performance.now();
    // This process may have been busy: what has arrived meanwhile is read before anything is called silent.
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
      // One that is suspected now is looked at once more in this turn.
      if (command.suspectAtMs > nowMs) nextMs = Math.min(nextMs, command.suspectAtMs);
    }
    timerAtMs = Number.POSITIVE_INFINITY;
    if (nextMs < timerAtMs) watch(nextMs, nowMs);
    for (const command of expired) {
      // Its id stays known: the answer that comes after all is no mistake of the sidecar.
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
