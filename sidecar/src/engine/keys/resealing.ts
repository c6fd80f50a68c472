import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Database } from "../db/database.ts";
import { readClock } from "../db/installation.ts";
import type { ObserveJob } from "../observe-job.ts";
import { createEncryptionReaders } from "./encryption-readers-store.ts";
import { IN_USE_SECS, inWords, isInUse } from "./encryption-status.ts";
import { createEncryptionStore, type KnownKey, type ResealedRow, WINDOW_ROWS } from "./encryption-store.ts";
import { type Envelope, EnvelopeError, keyName } from "./envelope.ts";
import { SEALED_PLACES, type SealedPlace } from "./sealed-places.ts";

export interface ResealingDependencies {
  db: Database;
  envelope: Envelope;
  /** Runs a pass and records how it went. */
  observe: ObserveJob;
  log: { info(message: string): void; warn(message: string): void };
}

/**
 * The result of a pass in one place. `left`: rows locked by requests. `damaged`: rows that their own key does not open.
 */
interface Tally {
  place: SealedPlace;
  count: number;
  left: number;
  damaged: number;
}

const INTERVAL_MS = 15_000;
/** How often a batch with locked rows is tried; then the rows wait for the next pass. */
const MAX_TRIES = 10;

/**
 * Reseals with the current key what is sealed with another one or not at all: in small batches, on one replica at a
 * time, in the background. The latest started sidecar decides the key for all, so that two with different keys do not
 * undo each other's work.
 */
export function createResealing({ db, envelope, observe, log }: ResealingDependencies) {
  let isStopping = false;
  let isDone = false;

  async function batch(place: SealedPlace, after: string | undefined) {
    return db.transaction(async (tx) => {
      const store = createEncryptionStore(tx);
      if (!(await store.tryLock())) return undefined;
      const rows = await store.window(place, after, envelope.prefix);
      const opened = rows.flatMap((row) => reseal(place, row));
      const written = opened.length > 0 ? await store.reseal(place, opened) : 0;
      const found = rows.filter(({ sealed }) => sealed !== null).length;
      const next = rows.length < WINDOW_ROWS ? undefined : rows.at(-1)?.id;
      return { next, written, left: opened.length - written, damaged: found - opened.length };
    });
  }

  function reseal(place: SealedPlace, { id, sealed }: { id: string; sealed: Buffer | null }): ResealedRow[] {
    if (sealed === null) return [];
    const purpose = place.purposeOf(id);
    try {
      return [{ id, before: sealed, after: envelope.seal(purpose, envelope.open(purpose, sealed)) }];
    } catch (error) {
      if (error instanceof EnvelopeError) return [];
      throw error;
    }
  }

  /** Undefined if another replica is resealing, or this one stops. */
  async function walk(place: SealedPlace): Promise<Tally | undefined> {
    const tally = { place, count: 0, left: 0, damaged: 0 };
    let after: string | undefined;
    let tries = 0;
    for (;;) {
      const startMs = performance.now();
      const done = await batch(place, after);
      if (!done || isStopping) return undefined;
      tally.count += done.written;
      // Pauses as long as the work took, so that requests get at least half of the time and release their locks.
      await sleep(performance.now() - startMs);
      if (done.left > 0 && ++tries < MAX_TRIES) continue;
      tries = 0;
      tally.left += done.left;
      tally.damaged += done.damaged;
      after = done.next;
      if (after === undefined) break;
    }
    return tally;
  }

  /** False if it left something for another pass. */
  async function pass(others: readonly KnownKey[]): Promise<boolean> {
    const startedAtMs = await readClock(db);
    const tallies: Tally[] = [];
    for (const place of SEALED_PLACES) {
      const tally = await walk(place);
      if (!tally) return false;
      tallies.push(tally);
    }
    const resealed = tallies.filter(({ count }) => count > 0);
    if (resealed.length > 0) log.info(`re-encrypted with ${keyName(envelope.prefix)}: ${inWords(resealed)}`);
    const damaged = tallies.filter((tally) => tally.damaged > 0).map((tally) => ({ ...tally, count: tally.damaged }));
    // No key opens them, so no key has to be kept for them.
    if (damaged.length > 0) log.warn(`cannot be opened with its own key and stays as it is: ${inWords(damaged)}`);
    isDone = tallies.every(({ left }) => left === 0);
    if (isDone) await forget(others, startedAtMs);
    return isDone;
  }

  /** A key that was in use until a moment ago may have sealed something behind this pass. */
  async function forget(others: readonly KnownKey[], passStartedAtMs: number): Promise<void> {
    for (const { prefix } of others) {
      const isForgotten = await createEncryptionStore(db).forget(prefix, passStartedAtMs - IN_USE_SECS * 1000);
      const nothing = `nothing is encrypted with ${keyName(prefix)} any more`;
      if (isForgotten) log.info(`${nothing}: you can remove ENCRYPTION_KEY_PREVIOUS`);
      else log.info(`${nothing}, but a sidecar has used it within the last minute: keep ENCRYPTION_KEY_PREVIOUS`);
    }
  }

  /** Runs a pass if one is due. */
  async function resealIfDue(): Promise<void> {
    if (!envelope.encrypts) return;
    const [newest, ...older] = await createEncryptionStore(db).keys();
    const others = older.filter(({ prefix }) => envelope.knows(prefix));
    if (!newest?.prefix.equals(envelope.prefix) || others.length === 0) return;
    // Once at the start, and again when no sidecar uses the other key any more.
    if (isDone && others.every(isInUse)) return;
    await observe("encryption_resealing", () => pass(others));
  }

  return {
    resealIfDue,
    /** One pass at once. False if something is left, or if another replica is at it. */
    async resealNow(): Promise<boolean> {
      const keys = await createEncryptionStore(db).keys();
      return pass(keys.filter(({ prefix }) => !prefix.equals(envelope.prefix) && envelope.knows(prefix)));
    },
    stop() {
      isStopping = true;
    },
  };
}

/**
 * Reports regularly which key this sidecar seals with and which it can open, and reseals what is due. Starts at once in the background; the
 * returned function stops it and resolves when nothing is running any more.
 */
export function startResealing(
  deps: Omit<ResealingDependencies, "log"> & { log: Pick<Logger, "info" | "warn">; replica: string },
): () => Promise<void> {
  const { db, envelope, log, replica } = deps;
  const readers = createEncryptionReaders(db);
  const resealing = createResealing(deps);
  let isResealing = false;
  const underWay = new Set<Promise<void>>();

  async function tick(): Promise<void> {
    // Also during a pass, which may take longer than a key counts as in use.
    await createEncryptionStore(db).use(envelope.prefix);
    await readers.announce(replica, envelope.opens, IN_USE_SECS);
    if (isResealing) return;
    isResealing = true;
    await resealing.resealIfDue().finally(() => {
      isResealing = false;
    });
  }

  const run = () => {
    const ticking = tick()
      .catch((error: unknown) => {
        log.warn({ err: error }, "the search for data encrypted with another key failed; it is tried again");
      })
      .finally(() => underWay.delete(ticking));
    underWay.add(ticking);
  };
  run();
  const timer = setInterval(run, INTERVAL_MS).unref();
  return async () => {
    clearInterval(timer);
    resealing.stop();
    await Promise.all(underWay);
  };
}
