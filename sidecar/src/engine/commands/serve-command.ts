import type { CommandError } from "@byo-session/core/contract";
import type { Grant } from "../holds/grant.ts";
import type { AcceptedKey } from "../keys/integration-keys.ts";
import type { CommandRunner } from "./run-command.ts";

export interface ServedAnswer {
  /** As an HTTP status, however the command came. */
  status: number;
  body: unknown;
}

export interface CommandMetrics {
  /** Labels come from closed lists: no text of a request becomes a label. */
  command(command: string, status: number, durationMs: number): void;
  inFlight(change: 1 | -1): void;
}

/**
 * Runs one command, from either transport. The body is read before this returns. With a grant, the answer may be held by
 * the application. Never rejects.
 */
export type ServeCommand = (body: Buffer, key: AcceptedKey, grant?: Grant) => Promise<ServedAnswer>;

const MAX_IN_FLIGHT = 2_000;

/** The command runner with a limit on the commands in progress, counted and timed. */
export function createServeCommand(commands: CommandRunner, metrics: CommandMetrics): ServeCommand {
  let inFlight = 0;

  return async (body, key, grant) => {
    if (inFlight >= MAX_IN_FLIGHT) return { status: 503, body: BUSY };
    const start = performance.now();
    inFlight++;
    metrics.inFlight(1);
    try {
      const answer = await commands.run(body, key, grant);
      metrics.command(answer.command, answer.status, performance.now() - start);
      return answer;
    } finally {
      inFlight--;
      metrics.inFlight(-1);
    }
  };
}

const BUSY: CommandError = { type: "UnexpectedError", details: "busy: too many commands in progress" };
