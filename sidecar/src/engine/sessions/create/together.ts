import { type AuditLog, inRequest } from "../../audit/audit-log.ts";
import type { AuditEvent } from "../../audit/event.ts";
import { createBatch } from "../../db/batch.ts";
import { DatabaseUnavailable } from "../../db/database.ts";
import { lockFreeUsers } from "../locks/store.ts";
import { createLoginStore, type NewSession } from "./store.ts";

/** A login that only adds rows: it ends no other session, claims nothing and uses up nothing. */
export interface PlainLogin {
  session: NewSession & { room: number };
  event: AuditEvent;
}

/** Returns the session's absolute end in milliseconds; undefined if nothing was created and it must be tried alone. */
export type CreateTogether = (login: PlainLogin) => Promise<number | undefined>;

/** Two, so that the database works on one batch while the next is gathered. */
const MAX_RUNNING = 2;
/** Each login holds a lock until the commit, and a server has some thousands (max_locks_per_transaction). */
const MAX_BATCH = 64;

/**
 * Runs the logins of one turn of the event loop, each with its event, in one transaction: five round trips for all of
 * them. No login can delay or fail another: if a user's lock is taken, a user logs in twice at once or is at a limit,
 * that login gets its own transaction, and so do all of them if the shared one fails.
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

  const together = createBatch<PlainLogin, number | undefined>({
    async run(logins) {
      onBatch(logins.length);
      try {
        return await create(logins);
      } catch (error) {
        // The commit may have happened: another try could create a second session.
        if (error instanceof DatabaseUnavailable) throw error;
        return logins.map(() => undefined);
      }
    },
    maxRunning: MAX_RUNNING,
    maxItems: MAX_BATCH,
  });
  return ({ session, event }) => together({ session, event: inRequest(event) });
}
