import { constants } from "node:fs";
import { access, chmod, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lock } from "proper-lockfile";

/** Another process has the embedded database open. */
export class DatabaseLocked extends Error {
  override readonly name = "DatabaseLocked";
}

/** The folder of the embedded database cannot be used. The cause says why. */
export class DataDirError extends Error {
  override readonly name = "DataDirError";

  constructor(dataDir: string, cause: unknown) {
    super(`DATA_DIR: ${dataDir}`, { cause });
  }
}

export interface ClaimOptions {
  /** Called when another process has taken over the folder. */
  onLost: (reason: Error) => void;
  /** How many times, a second apart, a folder in use is tried again. */
  retries: number;
}

const LOCK_STALE_MS = 10_000;

/** Locks the folder for this process, by a heartbeat instead of a process id: in containers ids repeat. */
export async function claimFolder(dataDir: string, { onLost, retries }: ClaimOptions): Promise<() => Promise<void>> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await makePrivate(dataDir);
    await writeFile(join(dataDir, ".gitignore"), "*\n", { mode: 0o600 });
  } catch (error) {
    throw new DataDirError(dataDir, error);
  }
  try {
    return await lock(dataDir, {
      lockfilePath: join(dataDir, "lock"),
      stale: LOCK_STALE_MS,
      update: LOCK_STALE_MS / 4,
      retries: { retries, factor: 1, minTimeout: 1000, maxTimeout: 1000 },
      onCompromised: (cause) =>
        onLost(new Error(`another process has taken over ${dataDir}, so this one must not write any more`, { cause })),
    });
  } catch (error) {
    if (Object(error).code !== "ELOCKED") throw new DataDirError(dataDir, error);
    throw new DatabaseLocked(
      `${dataDir} is in use by another process. Stop the other sidecar, set DATA_DIR to another folder, ` +
        "or set DATABASE_URL to a Postgres server, which any number of processes can share.",
      { cause: error },
    );
  }
}

/**
 * Only the owner of a folder may change its mode. A volume of Kubernetes with an `fsGroup` belongs to root, and its
 * group may write: who may read it is then decided there.
 */
async function makePrivate(folder: string): Promise<void> {
  if ((await stat(folder)).uid === process.getuid?.()) await chmod(folder, 0o700);
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
}
