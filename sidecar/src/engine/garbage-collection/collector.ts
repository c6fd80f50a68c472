import { deleteOldAuditRows } from "../audit/store.ts";
import type { Queryable } from "../db/database.ts";
import { createDeviceStore } from "../devices/store.ts";
import { endedEvent as endedImpersonation } from "../impersonation/events.ts";
import { createImpersonationStore } from "../impersonation/store.ts";
import type { SessionDependencies } from "../sessions/dependencies.ts";
import { endedEvent, endSession } from "../sessions/end/end-session.ts";
import { createEndStore } from "../sessions/end/store.ts";
import { lapseOf } from "../sessions/session.ts";
import { createTokenKeyStore } from "../stateless-tokens/store.ts";
import { createTicketStore } from "../tickets/store.ts";
import { createCollectorStore } from "./store.ts";

export interface Collected {
  ended: number;
  deletedSessions: number;
  deletedAuditEvents: number;
  deletedProofs: number;
  deletedTickets: number;
  deletedTokenKeys: number;
  endedImpersonations: number;
  deletedImpersonations: number;
  forgottenDevices: number;
}

export interface GarbageCollector {
  /** One whole round. */
  collect(): Promise<Collected>;
  /** Collects at this interval until the returned function is called. */
  every(intervalSecs: () => number): () => Promise<void>;
}

type RecordEvent = Parameters<typeof endSession>[1];

const BATCH = 500;
const FIRST_ID = "00000000-0000-0000-0000-000000000000";

/**
 * Marks sessions that have ended by time and deletes what is past its retention, in small batches. `observe` runs each
 * scheduled round.
 */
export function createGarbageCollector(
  deps: SessionDependencies & { impersonationDurationSecs(): number },
  onError: (error: unknown) => void,
  observe: <T>(round: () => Promise<T>) => Promise<T> = (round) => round(),
): GarbageCollector {
  const { audit, policies, activity, metrics, impersonationDurationSecs } = deps;

  /** Runs a batch in one transaction, on one replica at a time; undefined while another replica collects. */
  async function batch<T>(work: (tx: Queryable, record: RecordEvent) => Promise<T>) {
    return audit.transaction(async (tx, record) => {
      return (await createCollectorStore(tx, activity).tryLock()) ? work(tx, record) : undefined;
    });
  }

  async function markLapsed(): Promise<number> {
    const ends: Record<"Expired" | "Inactive", number> = { Expired: 0, Inactive: 0 };
    let afterId: string | undefined = FIRST_ID;
    while (afterId !== undefined) {
      const from: string = afterId;
      afterId = await batch(async (tx, record) => {
        const book = policies.current();
        const { shortestLifetimeSecs, shortestInactivityTimeoutSecs } = book;
        const rows = await createCollectorStore(tx, activity).lapseCandidates(
          from,
          shortestLifetimeSecs,
          shortestInactivityTimeoutSecs,
          BATCH,
        );
        for (const row of rows) {
          const policy = book.policyFor(row.tags);
          const reason = lapseOf(row, policy);
          if (reason === "Expired" && (await endSession(tx, record, row, reason, { actor: "system" }))) ends.Expired++;
          if (
            reason === "Inactive" &&
            (await createEndStore(tx).endInactive(row.id, policy.inactivity_timeout_secs ?? 0))
          ) {
            record(endedEvent(row, reason, { actor: "system" }));
            ends.Inactive++;
          }
        }
        return rows.length < BATCH ? undefined : rows.at(-1)?.id;
      });
    }
    for (const reason of ["Expired", "Inactive"] as const) if (ends[reason] > 0) metrics.ended(reason, ends[reason]);
    return ends.Expired + ends.Inactive;
  }

  /** Repeats a change until a batch is not full. */
  async function repeat(changeBatch: (tx: Queryable, record: RecordEvent) => Promise<number>): Promise<number> {
    let total = 0;
    for (;;) {
      const changed = (await batch(changeBatch)) ?? 0;
      total += changed;
      if (changed < BATCH) return total;
    }
  }

  const impersonationsOn = (tx: Queryable) => createImpersonationStore(tx, impersonationDurationSecs());

  async function markImpersonations(tx: Queryable, record: RecordEvent): Promise<number> {
    const lapsed = await impersonationsOn(tx).markLapsed(BATCH);
    for (const row of lapsed) record(endedImpersonation(row, row.endReason ?? "Expired", { actor: "system" }));
    return lapsed.length;
  }

  async function collect(): Promise<Collected> {
    const book = policies.current();
    return {
      ended: await markLapsed(),
      deletedSessions: await repeat((tx) =>
        createCollectorStore(tx, activity).deleteEnded(book.ended_session_retention_secs, BATCH),
      ),
      deletedAuditEvents: await repeat((tx) => deleteOldAuditRows(tx, book.audit_retention_secs, BATCH)),
      deletedProofs: await repeat((tx) => createDeviceStore(tx).deleteExpiredProofs(BATCH)),
      deletedTickets: await repeat((tx) => createTicketStore(tx).deleteExpired(BATCH)),
      deletedTokenKeys: await repeat((tx) => createTokenKeyStore(tx).deleteExpired(BATCH)),
      endedImpersonations: await repeat(markImpersonations),
      deletedImpersonations: await repeat((tx) =>
        impersonationsOn(tx).deleteEnded(book.ended_session_retention_secs, BATCH),
      ),
      forgottenDevices: await repeat((tx) => createDeviceStore(tx).deleteLapsed(BATCH)),
    };
  }

  function every(intervalSecs: () => number): () => Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let running: Promise<unknown> = Promise.resolve();
    let stopped = false;
    const schedule = () => {
      if (stopped) return;
      timer = setTimeout(() => {
        running = observe(collect).catch(onError).then(schedule);
      }, intervalSecs() * 1000).unref();
    };
    schedule();
    return async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    };
  }

  return { collect, every };
}
