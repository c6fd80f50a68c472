import type { Cause } from "./cause.ts";
import { DATABASE_CAUSES } from "./database-causes.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { factsOf } from "./facts.ts";
import { FOLDER_CAUSES, LISTEN_CAUSES } from "./process-causes.ts";

export interface Explanation {
  /** Everything that is worth saying; a stack only for a bug. */
  message: string;
  exit: ExitCode;
}

/** Errors whose own message says everything, with the code to exit with. */
const SPEAK_FOR_THEMSELVES: Readonly<Record<string, ExitCode>> = {
  ConfigError: EXIT.setting,
  ConnectionStringError: EXIT.setting,
  EnvelopeError: EXIT.setting,
  MigrationError: EXIT.setting,
  PrivilegeMissing: EXIT.denied,
  DatabaseLocked: EXIT.busy,
};

/** The tables of causes, by the name of the error that says where it happened; its own message comes first. */
const TABLES: Readonly<Record<string, readonly Cause[]>> = {
  DatabaseUnavailable: DATABASE_CAUSES,
  ListenError: LISTEN_CAUSES,
  DataDirError: FOLDER_CAUSES,
};

/** Says why a start failed, with the cause and its fix. */
export function explain(error: unknown): Explanation {
  const facts = factsOf(error);
  for (const name of facts.names) {
    const exit = SPEAK_FOR_THEMSELVES[name];
    if (exit !== undefined && error instanceof Error) return { message: error.message, exit };
    const cause = TABLES[name]?.find(({ is }) => is(facts));
    if (cause && error instanceof Error) {
      return { message: `${error.message}: ${cause.says(facts)}.`, exit: cause.exit };
    }
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message, exit: EXIT.unexpected };
}

/** Why a connection to the database fails, without what differs from one to the other. */
export function causeOf(error: unknown): Cause | undefined {
  const facts = factsOf(error);
  return DATABASE_CAUSES.find(({ is }) => is(facts));
}

/** Whether a connection to the database that failed may succeed later without anybody's help. */
export function mayPass(error: unknown): boolean {
  return causeOf(error)?.passes === true;
}
