import { createInterface } from "node:readline/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Database } from "../db/database.ts";
import { readClock } from "../db/installation.ts";
import type { KeyCommandsContext } from "../keys/key-commands.ts";
import { readLostChanges } from "./audit-lines.ts";
import { checkRecovery, type Recovered, type Recovery, recover } from "./recover.ts";

/** A recovery that is not possible as it was asked for. The message says what to do instead. */
export class RecoveryError extends Error {
  override readonly name = "RecoveryError";
}

interface RecoverOptions {
  since: number;
  events?: string;
  endAll?: boolean;
  check?: boolean;
  yes?: boolean;
}

/** Adds `recover`. */
export function addRecoverCommand(program: Command, { withDatabase, tell }: KeyCommandsContext): void {
  program
    .command("recover")
    .description("after a restore or a failover that lost changes: apply the ends and other changes of that time again")
    .requiredOption("--since <time>", "when the backup was begun, for example 2026-11-27T03:00:00Z", toTime)
    .option("--events <file>", "the sidecars' output since then: the lines of the audit trail")
    .addOption(new Option("--end-all", "without that output: end every session and impersonation").conflicts("events"))
    .option("--check", "only say what would change; exits with 2 if anything would")
    .option("--yes", "do not ask")
    .action(async (options: RecoverOptions) => {
      const lost = await lostBy(options);
      await withDatabase(async (db) => {
        await checkTime(db, options.since);
        const recovery: Recovery = { sinceMs: options.since, lost };
        const expected = await checkRecovery(db, recovery);
        for (const line of inWords(expected)) tell(line);
        if (options.check) {
          if (Object.values(expected).some((count) => count > 0)) process.exitCode = 2;
          return;
        }
        if (!options.yes) await confirm();
        await recover(db, recovery);
        tell(
          "Done. Now repeat by hand what was done since then with byo erase, byo keys and byo owner, and in the dashboard.",
        );
      });
    });
}

async function lostBy({ events, endAll, since }: RecoverOptions): Promise<Recovery["lost"]> {
  if (endAll) return "everything";
  if (events === undefined) {
    throw new RecoveryError(
      "Expected --events with the sidecars' output since the backup. Without it, the sidecar cannot know which sessions have ended since; --end-all ends every session.",
    );
  }
  const lost = await readLostChanges(events, since).catch((cause: Error) => {
    throw new RecoveryError(`--events: the file cannot be read: ${cause.message}.`, { cause });
  });
  if (lost.events === 0) {
    throw new RecoveryError(
      `--events: ${events} has no events. Expected one JSON object a line, as the sidecar writes them, without the prefix of a log collector.`,
    );
  }
  return lost;
}

async function checkTime(db: Database, sinceMs: number): Promise<void> {
  if (sinceMs > (await readClock(db))) throw new RecoveryError("--since: expected a time in the past.");
}

async function confirm(): Promise<void> {
  if (!process.stdin.isTTY)
    throw new RecoveryError("This is not a terminal, so nobody can confirm. Add --yes to continue, or --check.");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('This cannot be undone. Type "yes" to go on: ');
  terminal.close();
  if (answer.trim() !== "yes") throw new RecoveryError("Nothing was changed.");
}

function inWords(counts: Recovered): string[] {
  return [
    `${counts.sessionsEnded} sessions end.`,
    `${counts.sessionsAdvanced} sessions refuse the tokens that had been replaced.`,
    `${counts.devicesBound} sessions are bound to their device again.`,
    `${counts.tagsRestored} sessions get their tags back.`,
    `${counts.impersonationsEnded} impersonations end.`,
    `${counts.keysRevoked} integration keys are revoked.`,
    `${counts.devicesForgotten} remembered devices are forgotten.`,
    `${counts.dashboardLoginsEnded} logins to the dashboard end.`,
  ];
}

/** With a zone: without one it would be the operator's local time, which is not the log's. */
function toTime(text: string): number {
  const isComplete = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const time = isComplete ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new InvalidArgumentError("Expected a time with its zone, such as 2026-11-27T03:00:00Z.");
  return time;
}
