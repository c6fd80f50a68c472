import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { DashboardError } from "../contract/errors.ts";
import { Refusal } from "../refusal.ts";
import { createTurns } from "../turns.ts";
import type { Tasks } from "./tasks.ts";

export type TaskName = keyof Tasks;
export type TaskInput<N extends TaskName> = Parameters<Tasks[N]>[0];
export type TaskResult<N extends TaskName> = ReturnType<Tasks[N]>;

/** The thread's answer. */
export type TaskAnswer =
  | { kind: "ready" }
  | { kind: "done"; result: unknown }
  | { kind: "refused"; error: DashboardError }
  | { kind: "failed"; message: string };

/** Runs slow work on policies outside the thread that answers validations. */
export interface PolicyWork {
  /** Rejects with a `Refusal` if the task takes too long or too many tasks are waiting. */
  run<N extends TaskName>(name: N, input: TaskInput<N>): Promise<TaskResult<N>>;
  close(): Promise<void>;
}

export interface PolicyWorkOptions {
  /** The time limit of one task. Default: 5 seconds. */
  maxMs?: number;
}

const MAX_WAITING = 50;
const MAX_START_MS = 30_000;
/** An idle thread ends after this time and frees its memory. */
const KEPT_IDLE_MS = 60_000;
/** The memory limit of a thread. A thread that exceeds it ends, and only its task fails. */
const MAX_MEMORY_MB = 256;

/** The sources run without a build, so the thread needs the same flags as this process. */
const IS_SOURCE = import.meta.url.endsWith(".ts");
const THREAD = new URL(IS_SOURCE ? "./thread.ts" : "./thread.js", import.meta.url);

/** Starts a thread at the first task. It runs one task at a time. */
export function createPolicyWork({ maxMs = 5000 }: PolicyWorkOptions = {}): PolicyWork {
  const inTurn = createTurns(1, MAX_WAITING);
  let thread: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;

  async function end(): Promise<void> {
    clearTimeout(idle);
    const ending = thread;
    thread = undefined;
    await ending?.terminate();
  }

  async function started(): Promise<Worker> {
    clearTimeout(idle);
    if (thread) return thread;
    const starting = new Worker(THREAD, {
      execArgv: IS_SOURCE ? ["--conditions=@byo-session/source"] : [],
      resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MB },
    });
    thread = starting;
    starting.on("error", () => {});
    starting.once("exit", () => {
      if (thread === starting) thread = undefined;
    });
    starting.unref();
    await nextMessage(starting, MAX_START_MS);
    return starting;
  }

  async function ask(name: TaskName, input: unknown): Promise<unknown> {
    const asked = await started();
    asked.postMessage({ name, input });
    const answer = await nextMessage(asked, maxMs);
    if (answer.kind === "done") return answer.result;
    if (answer.kind === "refused") throw new Refusal(answer.error);
    throw new Error(`the thread for policies failed: ${answer.kind === "failed" ? answer.message : "out of turn"}`);
  }

  return {
    async run(name, input) {
      const result = await inTurn(async () => {
        try {
          return await ask(name, input);
        } catch (error) {
          // A thread that took too long must not go on. The next task starts a new one.
          if (!(error instanceof Refusal) || error.error.type === "OverBudget") await end();
          throw error;
        } finally {
          idle = setTimeout(() => void end(), KEPT_IDLE_MS).unref();
        }
      });
      return result as TaskResult<typeof name>;
    },
    close: end,
  };
}

async function nextMessage(thread: Worker, maxMs: number): Promise<TaskAnswer> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    // Rejects at the event "error" too: a thread that runs out of memory gives no other sign.
    const message = once(thread, "message", { signal }).then(([answer]: TaskAnswer[]) => answer);
    const ended = once(thread, "exit", { signal }).then(() => undefined);
    const late = sleep(maxMs, undefined, { signal });
    const answer = await Promise.race([message, ended, late]);
    if (answer) return answer;
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
  } finally {
    waiting.abort();
  }
  throw new Refusal({ type: "OverBudget", message: "This takes too long to process. Make the text shorter." });
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}
