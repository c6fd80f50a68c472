import type { Policy } from "../../policy/policy.ts";
import type { SessionRow } from "../session.ts";
import type { Activity } from "./store.ts";

export interface ActivityWriter {
  /** Notes a use of the session at the time its row was read. */
  note(row: SessionRow, policy: Policy, ipAddress: string | undefined): void;
  /** The latest use that this replica has noted and not written yet, in milliseconds. */
  latest(sessionId: string): number | undefined;
  /** Writes the noted uses of sessions whose last stored use is at most `storedUntil`, in milliseconds. */
  settle(storedUntil: number): Promise<void>;
  /** Whether any use is noted. */
  hasNoted(): boolean;
  /** Writes everything that is noted. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface NotedActivity extends Activity {
  /** The last use in the database. */
  storedAt: number;
  /** How far the stored time may lag behind. */
  lagMs: number;
}

const MAX_LAG_MS = 60_000;
const MAX_WAIT_MS = 1000;
const MAX_NOTED = 50_000;
const BATCH = 1000;

/**
 * Gathers times of use, so that a busy session costs an occasional write instead of one per request. The lag stays
 * below a tenth of the inactivity timeout and below a minute; a clean shutdown loses nothing.
 */
export function createActivityWriter(
  touch: (activities: readonly Activity[]) => Promise<string[]>,
  onError: (error: unknown) => void,
): ActivityWriter {
  const noted = new Map<string, NotedActivity>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  function note(row: SessionRow, policy: Policy, ipAddress: string | undefined): void {
    const timeoutMs = (policy.inactivity_timeout_secs ?? Number.POSITIVE_INFINITY) * 1000;
    // Half of the allowed lag is for waiting until a write is due, the other half for the write.
    const lagMs = Math.min(MAX_LAG_MS, timeoutMs / 10) / 2;
    const known = noted.get(row.id);
    const at = Math.max(row.now, known?.at ?? 0);
    // If a use is noted already, the row has it as its latest use, but the database does not have it yet.
    const storedAt = known?.storedAt ?? row.lastActivityAt;
    noted.set(row.id, { id: row.id, at, ipAddress, storedAt, lagMs });
    if (noted.size >= MAX_NOTED) void write(() => true);
    else schedule(Math.min(MAX_WAIT_MS, lagMs));
  }

  function schedule(waitMs: number): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      void write((activity) => activity.at - activity.storedAt >= activity.lagMs);
    }, waitMs).unref();
  }

  function write(isDue: (activity: NotedActivity) => boolean): Promise<void> {
    writing = writing.then(() => writeDue([...noted.values()].filter(isDue)));
    return writing;
  }

  async function writeDue(due: NotedActivity[]): Promise<void> {
    for (let start = 0; start < due.length; start += BATCH) {
      const batch = due.slice(start, start + BATCH);
      try {
        const done = new Set(await touch(batch));
        for (const activity of batch) {
          // Uses that came meanwhile stay noted, and so do those whose row was locked.
          if (done.has(activity.id) && noted.get(activity.id) === activity) noted.delete(activity.id);
        }
      } catch (error) {
        onError(error);
        if (noted.size >= MAX_NOTED) noted.clear();
        return;
      }
    }
  }

  return {
    note,
    latest: (sessionId) => noted.get(sessionId)?.at,
    settle: (storedUntil) => write(({ storedAt }) => storedAt <= storedUntil),
    hasNoted: () => noted.size > 0,
    flush: () => write(() => true),
    async close() {
      clearTimeout(timer);
      await write(() => true);
    },
  };
}
