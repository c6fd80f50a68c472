import { Counter, Gauge, type Registry } from "@prometheus-io/client";
import type { DatabaseLoad } from "../db/database.ts";

/** What is read when the metrics are. A function that answers too late, or fails, leaves its gauge without a value. */
export interface ObservedState {
  databaseAnswers: () => Promise<boolean>;
  /** Undefined: there is one connection, and no pool. */
  load: (() => DatabaseLoad) | undefined;
  activeSessions: () => Promise<number>;
  /** Settings that are not in force although they are newer, because they are wrong. */
  staleSettings: () => Record<"configuration" | "policies" | "certificate", boolean>;
}

/** Shorter than the shortest usual limit of a scrape: that the database is away is when the metrics matter most. */
const READ_LIMIT_MS = 500;

/** Gauges for the state of this replica and its database. Returns what to call once there is something to observe. */
export function createStateGauges(registry: Registry): (state: ObservedState) => void {
  return ({ databaseAnswers, load, activeSessions, staleSettings }) => {
    // First: those below use the pool themselves.
    if (load) createPoolGauges(registry, load);
    new Gauge({
      name: "byo_database_up",
      help: "1 if the database answers within half a second.",
      registers: [registry],
      async collect() {
        this.set((await withinLimit(databaseAnswers(), false)) ? 1 : 0);
      },
    });
    new Gauge({
      name: "byo_sessions_active",
      help: "Living sessions, at most a minute old; above a million an estimate. NaN: the database does not say.",
      registers: [registry],
      async collect() {
        this.set(await withinLimit(activeSessions(), Number.NaN));
      },
    });
    new Gauge({
      name: "byo_settings_stale",
      help: "1 while the newest settings are not in force, because they are wrong.",
      labelNames: ["settings"],
      registers: [registry],
      collect() {
        for (const [settings, isStale] of Object.entries(staleSettings())) this.set({ settings }, isStale ? 1 : 0);
      },
    });
  };
}

function createPoolGauges(registry: Registry, load: () => DatabaseLoad): void {
  const gauge = (name: string, help: string, read: (load: DatabaseLoad) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read(load()));
      },
    });
  gauge(
    "byo_database_connections",
    "Connections to Postgres, without the one for notifications.",
    (of) => of.connections,
  );
  gauge("byo_database_connections_idle", "Idle connections.", (of) => of.idle);
  gauge("byo_database_waiting", "Statements and transactions that wait for a connection.", (of) => of.waiting);
  gauge(
    "byo_database_abandoned_writes",
    "Writes without an answer that the server may still be working on.",
    (of) => of.abandoned,
  );
  new Counter({
    name: "byo_database_abandoned_writes_total",
    help: "Writes that were given up without an answer.",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(load().abandonedTotal);
    },
  });
}

/** The other value if it fails or is late. The reading goes on, and the next scrape has its result. */
function withinLimit<T>(reading: Promise<T>, otherwise: T): Promise<T> {
  const late = new Promise<T>((resolve) => setTimeout(resolve, READ_LIMIT_MS, otherwise).unref());
  return Promise.race([reading.catch(() => otherwise), late]);
}
