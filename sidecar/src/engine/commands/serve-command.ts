import type { CommandError } from "@byo-session/core/contract";
import type { Grant } from "../holds/grant.ts";
import type { AcceptedKey } from "../keys/integration-keys.ts";
import { CurrentRequest, currentRequest, during } from "../requests/request.ts";
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
  /** A command was refused unread, because too many are in progress. */
  tooMany(): void;
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

  async function serve(body: Buffer, key: AcceptedKey, grant?: Grant): Promise<ServedAnswer> {
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
  }

  return async (body, key, grant) => {
    if (inFlight >= MAX_IN_FLIGHT) {
      metrics.tooMany();
      return { status: 503, body: BUSY };
    }
    // Frames share a connection, so each command in one is a request of its own.
    if (currentRequest()) return serve(body, key, grant);
    const request = new CurrentRequest();
    try {
      return await during(request, () => serve(body, key, grant));
    } finally {
      request.isAnswered = true;
    }
  };
}

const BUSY: CommandError = { type: "UnexpectedError", details: "busy: too many commands in progress" };
