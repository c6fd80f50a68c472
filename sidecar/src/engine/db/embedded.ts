import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { lock } from "proper-lockfile";
import type { Database, Statement } from "./database.ts";

export interface EmbeddedOptions {
  /** The folder of the database, created if missing. Undefined: in memory, lost at the end. */
  dataDir?: string;
  /** A dump by `PGlite.dumpDataDir` to start an in-memory database from; without it an empty one is created. */
  snapshot?: Blob;
  /** Called when another process has taken over the folder: more writes would corrupt it, so the process must end. */
  onLockLost: (reason: Error) => void;
  /**
   * How many times, a second apart, a folder in use is tried again. After a crash the old lock goes stale in ten
   * seconds. Default: 12.
   */
  lockRetries?: number;
}

/** Another process has the embedded database open. */
export class DatabaseLocked extends Error {
  override readonly name = "DatabaseLocked";
}

/** The folder of the embedded database cannot be used. The cause says why. */
class DataDirError extends Error {
  override readonly name = "DataDirError";

  constructor(dataDir: string, cause: unknown) {
    super(`DATA_DIR: ${dataDir}`, { cause });
  }
}

const LOCK_STALE_MS = 10_000;

/**
 * Opens the embedded database (PostgreSQL in this process). It has one connection: statements run one after the other.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Database> {
  const { dataDir, snapshot, onLockLost, lockRetries = 12 } = options;
  let closing = false;
  // A heartbeat that runs while the lock is released finds it gone, although nobody has taken it over.
  const lost = (reason: Error) => closing || onLockLost(reason);
  const release = dataDir ? await claim(dataDir, lost, lockRetries) : undefined;
  const pglite = await PGlite.create({ dataDir: dataDir && join(dataDir, "pglite"), loadDataDir: snapshot }).catch(
    async (error: unknown) => {
      await release?.();
      throw dataDir ? new DataDirError(dataDir, error) : error;
    },
  );
  return {
    kind: "embedded",
    query: (statement, values) => run(pglite, statement, values),
    transaction: (work) =>
      pglite.transaction((tx) => work({ query: (statement, values) => run(tx, statement, values) })),
    maintenance: (work) =>
      pglite.transaction((tx) =>
        work({
          query: (statement, values) => run(tx, statement, values),
          script: async (sql) => {
            await tx.exec(sql);
          },
        }),
      ),
    async listen(channels, { onTold }) {
      const ends = await Promise.all(
        channels.map((channel) => pglite.listen(channel, (payload) => onTold(channel, payload))),
      );
      return {
        query: (statement, values) => run(pglite, statement, values),
        async close() {
          if (!closing) await Promise.all(ends.map((end) => end()));
        },
      };
    },
    async close() {
      closing = true;
      await pglite.close();
      await release?.();
    },
  };
}

/** Locks the folder for this process, by a heartbeat instead of a process id: in containers ids repeat. */
async function claim(
  dataDir: string,
  onLockLost: (reason: Error) => void,
  retries: number,
): Promise<() => Promise<void>> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await chmod(dataDir, 0o700);
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
      onCompromised: onLockLost,
    });
  } catch (error) {
    throw new DatabaseLocked(
      `${dataDir} is in use by another process. Stop the other sidecar, set DATA_DIR to another folder, ` +
        "or set DATABASE_URL to a Postgres server, which any number of processes can share.",
      { cause: error },
    );
  }
}

async function run<Row>(
  connection: Pick<PGlite, "query">,
  statement: Statement,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const result = await connection.query<Record<string, unknown>>(statement.text, [...values]);
  // pg returns a Buffer for bytea, PGlite a Uint8Array: callers always get a Buffer.
  const binary = result.fields.filter((field) => field.dataTypeID === BYTEA_OID).map((field) => field.name);
  for (const row of result.rows) {
    for (const name of binary) {
      const bytes = row[name];
      if (bytes instanceof Uint8Array) row[name] = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
  }
  return result.rows as Row[];
}

const BYTEA_OID = 17;
