import { insertAuditRows } from "../audit/store.ts";
import type { Database, MaintenanceConnection } from "../db/database.ts";
import type { LostChanges } from "./audit-lines.ts";
import { createRecoveryStore, type EndedSession } from "./store.ts";

/** What a recovery is to do. */
export interface Recovery {
  /** From when on changes may be lost, in milliseconds since 1970. */
  sinceMs: number;
  /** From the events of that time. `everything`: there are no events, so all that could have ended does. */
  lost: LostChanges | "everything";
}

/** How much a recovery changes. */
export interface Recovered {
  sessionsEnded: number;
  /** Sessions whose older tokens are replaced again. */
  sessionsAdvanced: number;
  devicesBound: number;
  tagsRestored: number;
  impersonationsEnded: number;
  keysRevoked: number;
  devicesForgotten: number;
  dashboardLoginsEnded: number;
}

/** Rows of the audit trail in one statement. */
const AUDIT_BATCH = 1000;

class CheckOnly extends Error {
  readonly recovered: Recovered;

  constructor(recovered: Recovered) {
    super("nothing is changed by a check");
    this.recovered = recovered;
  }
}

/** What a recovery would change. It does all of the work, and takes it back: so the numbers are exact. */
export async function checkRecovery(db: Database, recovery: Recovery): Promise<Recovered> {
  try {
    return await db.maintenance(async (connection) => {
      throw new CheckOnly(await apply(connection, recovery));
    });
  } catch (error) {
    if (error instanceof CheckOnly) return error.recovered;
    throw error;
  }
}

/** Makes what a restored database has lost true again, all of it or nothing. It can be repeated. */
export async function recover(db: Database, recovery: Recovery): Promise<Recovered> {
  return db.maintenance(async (connection) => {
    const recovered = await apply(connection, recovery);
    const details = { since: new Date(recovery.sinceMs).toISOString(), ...recovered };
    await insertAuditRows(connection, [{ event: "DatabaseRecovered", actor: "operator", details }]);
    await createRecoveryStore(connection).tellAll();
    return recovered;
  });
}

async function apply(connection: MaintenanceConnection, { lost }: Recovery): Promise<Recovered> {
  const store = createRecoveryStore(connection);
  const all = lost === "everything";
  const ended = all ? await store.endAllSessions() : await store.endSessions(lost.sessionEnds);
  await recordEnds(connection, ended);
  const recovered: Recovered = {
    sessionsEnded: ended.length,
    sessionsAdvanced: all ? 0 : await store.advance(lost.generations),
    devicesBound: all ? 0 : await store.bind(lost.devices),
    tagsRestored: all ? 0 : await store.setTags(lost.tags),
    impersonationsEnded: all
      ? await store.endAllImpersonations()
      : await store.endImpersonations(lost.impersonationEnds),
    keysRevoked: all ? 0 : await store.revokeKeys(lost.revokedKeys),
    devicesForgotten: all ? 0 : await store.forgetDevices(lost.forgottenDevices),
    dashboardLoginsEnded: await store.endDashboardLogins(),
  };
  await store.forgetTheRest();
  return recovered;
}

async function recordEnds(connection: MaintenanceConnection, ended: readonly EndedSession[]): Promise<void> {
  for (let at = 0; at < ended.length; at += AUDIT_BATCH) {
    const rows = ended.slice(at, at + AUDIT_BATCH).map(({ id, userId, tags, reason }) => ({
      ...{ event: "SessionEnded" as const, sessionId: id, userId, tags, reason },
      ...{ actor: "operator", details: { cause: "Recovered" } },
    }));
    await insertAuditRows(connection, rows);
  }
}
