import { statfsSync } from "node:fs";

/**
 * What stays free on the volume. Postgres takes its log in pieces of 16 MB, and the embedded one stops for good when it
 * cannot: so writes end while there is room for two pieces.
 */
const RESERVE_BYTES = 32 * 2 ** 20;

/** A new database, with its first piece of log. */
const NEW_DATABASE_BYTES = 40 * 2 ** 20;

/** The volume of the embedded database is full, or so nearly that no more is written. */
class DiskFull extends Error {
  override readonly name = "DiskFull";
  readonly code = "ENOSPC";

  constructor() {
    super(
      `expected ${RESERVE_BYTES / 2 ** 20} MB free, and ${NEW_DATABASE_BYTES / 2 ** 20} MB more for a new database`,
    );
  }
}

/** Throws `DiskFull` if too little is free for a write. A system call of microseconds, so it can precede each. */
export function expectSpace(folder: string, { isNew = false } = {}): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < RESERVE_BYTES + (isNew ? NEW_DATABASE_BYTES : 0)) throw new DiskFull();
}
