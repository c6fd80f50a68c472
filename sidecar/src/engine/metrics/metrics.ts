import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { CommandMetrics } from "../commands/serve-command.ts";
import type { DatabaseLoad } from "../db/database.ts";
import type { FastPathMetrics } from "../fast-path/metrics.ts";
import type { SessionMetrics } from "../sessions/dependencies.ts";
import type { ReadingMetrics } from "../sessions/read/compose.ts";

export interface Metrics extends CommandMetrics {
  sessions: SessionMetrics;
  reading: ReadingMetrics;
  fastPath: FastPathMetrics;
  keyRefused(error: string): void;
  auditFlushFailed(): void;
  activityFlushFailed(): void;
  /** Adds the series of the database's connections. */
  database(load: () => DatabaseLoad): void;
  exposition(): Promise<{ contentType: string; text: string }>;
}

/** Metrics of one sidecar in the Prometheus format. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "byo_" });
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });

  const duration = new Histogram({
    name: "byo_command_duration_seconds",
    help: "Duration of commands, by command and status.",
    labelNames: ["command", "status"],
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  let inFlight = 0;
  new Gauge({
    name: "byo_commands_in_flight",
    help: "Commands in progress.",
    registers: [registry],
    collect() {
      this.set(inFlight);
    },
  });
  const created = counter("byo_sessions_created_total", "Sessions created.");
  const ended = counter("byo_sessions_ended_total", "Sessions ended, by reason.", "reason");
  const refused = counter("byo_refusals_total", "Refused validations and logins, by reason.", "reason");
  const rotations = counter("byo_rotations_total", "Rotations, by step.", "step");
  const keys = counter("byo_integration_key_refusals_total", "Requests with a bad integration key.", "error");
  const flushes = counter("byo_flush_failures_total", "Batched writes that failed and will be tried again.", "kind");
  const batched = counter("byo_batched_total", "Items that shared a database statement, by kind.", "kind");
  const batches = counter("byo_batches_total", "Database statements that several items shared, by kind.", "kind");
  const asked = counter("byo_session_cache_total", "Lookups in the session cache, by result.", "answer");
  const emptied = counter("byo_session_cache_emptied_total", "How often the session cache was emptied.");
  const granted = counter("byo_holds_granted_total", "Answers that an application may serve again.");
  const full = counter("byo_holds_full_total", "Answers that were not granted because too many are held.");
  const forgets = counter("byo_forgets_pushed_total", "Changes that were told to an application that holds answers.");
  const beats = counter("byo_beats_total", "Beats of applications that hold answers, by what came of them.", "answer");
  let interests = () => 0;
  new Gauge({
    name: "byo_held_interests",
    help: "Sessions whose changes are told to an application; one session counts for each of its connections.",
    registers: [registry],
    collect() {
      this.set(interests());
    },
  });
  let hears: (() => boolean) | undefined;
  new Gauge({
    name: "byo_session_notifications_heard",
    help: "1 while this replica hears which sessions change. 0: it does not, or SESSION_CACHE is off.",
    registers: [registry],
    collect() {
      this.set(hears?.() ? 1 : 0);
    },
  });
  const connections = new Gauge({
    name: "byo_fast_path_connections",
    help: "Connections of the fast path.",
    registers: [registry],
  });
  const left = counter("byo_fast_path_connections_ended_total", "Connections ended, by reason.", "reason");
  const frames = counter("byo_fast_path_commands_total", "Commands received over the fast path.");
  const writes = counter("byo_fast_path_writes_total", "Socket writes with answers of the fast path.");

  return {
    fastPath: {
      opened: () => connections.inc(),
      ended(reason) {
        connections.dec();
        left.inc({ reason });
      },
      command: () => frames.inc(),
      wrote: () => writes.inc(),
    },
    reading: {
      batch(kind, size) {
        batched.inc({ kind }, size);
        batches.inc({ kind });
      },
      cacheAsked: (answer) => asked.inc({ answer }),
      cacheEmptied: () => emptied.inc(),
      holds: {
        granted: () => granted.inc(),
        full: () => full.inc(),
        forgetPushed: () => forgets.inc(),
        beat: (answer) => beats.inc({ answer }),
      },
      hearing(ofReplica) {
        hears = ofReplica.hears;
        interests = () => ofReplica.interest.size;
      },
    },
    sessions: {
      created: () => created.inc(),
      createdTogether(count) {
        batched.inc({ kind: "session-create" }, count);
        batches.inc({ kind: "session-create" });
      },
      refused: (reason) => refused.inc({ reason }),
      ended: (reason, count = 1) => ended.inc({ reason }, count),
      rotation: (step) => rotations.inc({ step }),
    },
    command: (command, status, durationMs) => duration.observe({ command, status: String(status) }, durationMs / 1000),
    keyRefused: (error) => keys.inc({ error }),
    inFlight: (change) => {
      inFlight += change;
    },
    auditFlushFailed: () => flushes.inc({ kind: "audit" }),
    activityFlushFailed: () => flushes.inc({ kind: "activity" }),
    database(load) {
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
      gauge("byo_database_connections_idle", "Connections that nobody uses.", (of) => of.idle);
      gauge("byo_database_waiting", "Statements and transactions that wait for a connection.", (of) => of.waiting);
      gauge(
        "byo_database_abandoned_writes",
        "Writes without an answer that the server may be at work on.",
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
    },
    exposition: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
