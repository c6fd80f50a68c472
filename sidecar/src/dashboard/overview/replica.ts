import { randomUUID } from "node:crypto";
import type { OverviewStore } from "./store.ts";

/** This process, among all that share the database. */
export interface Replica {
  readonly id: string;
  close(): Promise<void>;
}

const BEAT_MS = 2_000;
const FAILURES_TO_TELL = 3;
/** A replica that has not reported for this long counts as gone. */
export const GONE_AFTER_MS = 15_000;

/** Reports every two seconds that this replica runs, and under which policy. */
export function createReplica(
  store: Pick<OverviewStore, "beat" | "leave">,
  {
    version,
    policyDigest,
    onError,
  }: { version: string; policyDigest: () => string; onError: (error: unknown) => void },
): Replica {
  const id = randomUUID();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let failures = 0;
  let beating = beat();

  async function beat(): Promise<void> {
    try {
      await store.beat(id, version, policyDigest());
      failures = 0;
    } catch (error) {
      failures++;
      // Logged once for a series of failures; a busy database does not count as one.
      if (failures === FAILURES_TO_TELL) onError(error);
    }
    if (isClosed) return;
    timer = setTimeout(() => {
      beating = beat();
    }, BEAT_MS).unref();
  }

  return {
    id,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await beating;
      await store.leave(id);
    },
  };
}
