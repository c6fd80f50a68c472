import type { Database, Statement } from "../../../sidecar/src/engine/db/database.ts";
import { TELL } from "../../../sidecar/src/engine/db/session-notifications.ts";
import { createBatchedRead } from "../../../sidecar/src/engine/sessions/read/batched-read.ts";
import { createSessionCache, type SessionCache } from "../../../sidecar/src/engine/sessions/read/cache.ts";
import { watchSessions } from "../../../sidecar/src/engine/sessions/read/watched-database.ts";
import type { Reading } from "./replica.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/**
 * Replicas that remember sessions. What a replica answers may lag behind by half a second, which no history could be
 * judged by; so here every change is heard before it is answered. What is left to go wrong is all the rest: reads that
 * overtake changes, answers from rows that the rules should have read again, and changes without a notification.
 */
export interface Memory {
  /** The database below the order of steps: a change there is over when all have heard of it. */
  over(database: Database): Database;
  reading: Reading;
  hits(): number;
  /** The replicas of a history are gone. */
  forgetReplicas(): void;
  close(): Promise<void>;
}

/** Told things come with the answer to whatever the listener asks next. */
const LISTENED = { name: "listened", text: "SELECT 1 AS one" };

export async function createMemory(beside: Database, clock: VirtualClock, isDeaf: boolean): Promise<Memory> {
  await beside.query(TELL);
  let caches: SessionCache[] = [];
  let hits = 0;
  const listener = await beside.listen(["byo_sessions"], {
    onTold(_channel, id) {
      if (isDeaf) return;
      for (const cache of caches) {
        if (id === "*") cache.forgetAll();
        else cache.forget(id);
      }
    },
    onLost: (error) => {
      throw error;
    },
  });

  let listened: Promise<unknown> = Promise.resolve();
  /** Until everything that was told before has been heard. */
  const hear = () => {
    listened = listened.then(() => listener.query(LISTENED));
    return listened;
  };

  return {
    over: (database) => ({
      ...database,
      async query<Row>(statement: Statement, values?: readonly unknown[]) {
        const rows = await database.query<Row>(statement, values);
        if (!statement.name.startsWith("session-read")) await hear();
        return rows;
      },
      async transaction(work) {
        const result = await database.transaction(work);
        await hear();
        return result;
      },
    }),
    reading(db, uses) {
      const cache = createSessionCache({
        read: createBatchedRead(db, () => {}),
        uses,
        now: () => clock.nowSecs() * 1000,
        onAsked: (answer) => {
          if (answer === "hit") hits++;
        },
      });
      caches.push(cache);
      return { reader: cache, db: watchSessions(db, cache.forget) };
    },
    hits: () => hits,
    forgetReplicas() {
      caches = [];
    },
    close: () => listener.close(),
  };
}
