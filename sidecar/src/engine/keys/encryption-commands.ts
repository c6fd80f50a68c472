import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { Database } from "../db/database.ts";
import { checkEncryptionKeys } from "./encryption-check.ts";
import { type EncryptionSettings, loadEncryptionKeys } from "./encryption-keys.ts";
import { createEncryptionReaders } from "./encryption-readers-store.ts";
import {
  type EncryptionStatus,
  inWords,
  isInUse,
  isNeeded,
  type KeyStatus,
  readEncryptionStatus,
} from "./encryption-status.ts";
import { createEnvelope, EnvelopeError, keyName } from "./envelope.ts";
import type { KeyCommandsContext } from "./key-commands.ts";
import { createResealing } from "./resealing.ts";

export interface EncryptionCommandsContext extends KeyCommandsContext {
  encryptionSettings(): EncryptionSettings;
}

const UNFINISHED = 2;
/** Another replica is resealing, or requests have locked rows. */
const RETRY_MS = 1000;

/** Adds `encryption status` and `encryption reseal`. `hidden`: to a place where the help leaves it out. */
export function addEncryptionCommands(
  parent: Command,
  context: EncryptionCommandsContext,
  { hidden = false }: { hidden?: boolean } = {},
): void {
  const { withDatabase, encryptionSettings, print, tell } = context;
  const encryption = parent
    .command("encryption", { hidden })
    .description("the key that the database is encrypted with");

  encryption
    .command("status")
    .description("show what is encrypted with which key; exits with 2 while a change of the key is under way")
    .action(async () => report(await withDatabase(readEncryptionStatus), context));

  encryption
    .command("reseal")
    .description("encrypt everything with ENCRYPTION_KEY now, then show the status")
    .action(async () => {
      const status = await withDatabase(async (db) => {
        const envelope = createEnvelope(await loadEncryptionKeys(encryptionSettings()));
        if (!envelope.encrypts) {
          throw new EnvelopeError(
            "ERR_ENVELOPE_KEY_MISSING",
            "ENCRYPTION_KEY is not set: set it to the same key as on the replicas.",
          );
        }
        const replica = randomUUID();
        await checkEncryptionKeys(db, envelope, replica);
        await createEncryptionReaders(db).leave(replica);
        await resealAll(db, { db, envelope, observe: (_, round) => round(), log: { info: tell, warn: tell } });
        return readEncryptionStatus(db);
      });
      report(status, { print, tell });
    });
}

async function resealAll(db: Database, deps: Parameters<typeof createResealing>[0]): Promise<void> {
  const resealing = createResealing({ ...deps, db });
  while (!(await resealing.resealNow())) await sleep(RETRY_MS);
}

/** Says what each key is still for, and what to do next. */
function report(
  { keys, replicas }: EncryptionStatus,
  { print, tell }: Pick<KeyCommandsContext, "print" | "tell">,
): void {
  const [current, ...others] = keys;
  if (!current) {
    tell("No sidecar has used this database yet.");
    return;
  }
  const needed = others.filter(isNeeded);
  const damaged = others.filter((key) => !key.isListed && key.sealed.length > 0);
  const spare = others.filter((key) => !key.isListed && key.sealed.length === 0);
  const lines = { current: [current], needed, damaged, spare };
  for (const [role, ofRole] of Object.entries(lines)) for (const key of ofRole) print(lineOf(role, key, replicas));
  if (damaged.length > 0)
    tell("No key opens the damaged data, because it was changed or moved: restore it from a backup.");
  if (needed.length > 0) {
    tell(
      "Keep ENCRYPTION_KEY_PREVIOUS: a running sidecar re-encrypts the rest, and a key is needed until a minute after its last use.",
    );
    process.exitCode = UNFINISHED;
  } else if (spare.length === 0) {
    tell("Nothing needs another key: you can remove ENCRYPTION_KEY_PREVIOUS.");
  } else if (spare.some(({ readers }) => readers < replicas)) {
    tell("Some replicas do not have the spare key yet, or still have it: continue the rollout.");
    process.exitCode = UNFINISHED;
  } else {
    tell("Nothing needs the spare key: you can remove it, or, to change the key, make it ENCRYPTION_KEY.");
  }
}

function lineOf(role: string, key: KeyStatus, replicas: number): string {
  const use = isInUse(key) ? "in use by a sidecar" : "not in use";
  const readers = replicas === 0 || role === "damaged" ? "" : `  ${key.readers} of ${replicas} replicas can open it`;
  return `${role}  ${keyName(key.prefix)}  ${use}  ${inWords(key.sealed) || "nothing sealed"}${readers}`;
}
