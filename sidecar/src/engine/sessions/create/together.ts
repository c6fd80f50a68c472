import type { AuditLog } from "../../audit/audit-log.ts";
import type { AuditEvent } from "../../audit/event.ts";
import { createBatch } from "../../db/batch.ts";
import { DatabaseUnavailable } from "../../db/database.ts";
import { lockFreeUsers } from "../locks/store.ts";
import { createLoginStore, type NewSession } from "./store.ts";

/** A login that changes nothing but what it adds: no session has to make room, nothing is claimed or used up. */
export interface PlainLogin {
  session: NewSession & { room: number };
  event: AuditEvent;
}

/** Gives the session's absolute end, in milliseconds; undefined when nothing was created, and it has to be tried alone. */
export type CreateTogether = (login: PlainLogin) => Promise<number | undefined>;

/** Two, so that the database works on one while the next is gathered. */
const MAX_RUNNING = 2;
/** Each holds a lock until the commit, and a server has room for some thousands (max_locks_per_transaction). */
const MAX_BATCH = 64;

/**
 * Carries out the logins of one turn of the event loop in one transaction, each with its event: it takes five trips to the
 * database for all of them. None can hold up or fail another one: a user whose lock is not free, who logs in twice at once
 * or who is at a limit is left to a transaction of his own, and so are all where one of them broke it.
 */
export function createLoginsTogether(
  audit: Pick<AuditLog, "transaction">,
  onBatch: (size: number) => void,
): CreateTogether {
  async function create(logins: readonly PlainLogin[]): Promise<(number | undefined)[]> {
    const oneOfUser = new Map(logins.map((login) => [login.session.userId, login]));
    const ends = await audit.transaction(async (tx, record) => {
      const store = createLoginStore(tx);
      const free = await lockFreeUsers(tx, [...oneOfUser.keys()]);
      const own = [...oneOfUser.values()].filter(({ session }) => free.has(session.userId));
      const created = await store.insert(own.map(({ session }) => session));
      for (const { session, event } of own) if (created.has(session.id)) record(event);
      return created;
    });
    return logins.map(({ session }) => ends.get(session.id));
  }

  return createBatch<PlainLogin, number | undefined>({
    async run(logins) {
      onBatch(logins.length);
      try {
        return await create(logins);
      } catch (error) {
        // It may have been committed: a second try could make a second session.
        if (error instanceof DatabaseUnavailable) throw error;
        return logins.map(() => undefined);
      }
    },
    maxRunning: MAX_RUNNING,
    maxItems: MAX_BATCH,
  });
}
