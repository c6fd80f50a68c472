import { parentPort } from "node:worker_threads";
import { Refusal } from "../refusal.ts";
import { type Tasks, tasks } from "./tasks.ts";
import type { TaskAnswer } from "./work.ts";

/** The worker thread of `work.ts`: runs the tasks that it receives, one after the other. */
parentPort?.on("message", ({ name, input }: { name: keyof Tasks; input: never }) => {
  parentPort?.postMessage(answer(name, input));
});

parentPort?.postMessage({ kind: "ready" } satisfies TaskAnswer);

function answer(name: keyof Tasks, input: never): TaskAnswer {
  try {
    return { kind: "done", result: tasks[name](input) };
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refused", error: error.error };
    return { kind: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
