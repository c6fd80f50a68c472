import { END_REASONS, KEY_ERRORS } from "@byo-session/core/contract";
import { Counter, Gauge, Histogram, Registry } from "@prometheus-io/client";
import type { CommandMetrics } from "../commands/serve-command.ts";
import type { FastPathMetrics } from "../fast-path/metrics.ts";
import type { CollectionMetrics } from "../garbage-collection/collector.ts";
import type { ObserveJob } from "../observe-job.ts";
import type { CountAnswer } from "../requests/answers.ts";
import type { SessionMetrics } from "../sessions/dependencies.ts";
import type { ReadingMetrics } from "../sessions/read/compose.ts";
import type { WebhookMetrics } from "../webhooks/dispatcher.ts";
import { createAnswerCounter } from "./answers.ts";
import { createJobMetrics } from "./jobs.ts";
import { processMetrics } from "./process.ts";
import { createStateGauges, type ObservedState } from "./state.ts";
import { createWebhookMetrics } from "./webhooks.ts";

export interface Metrics extends CommandMetrics {
  sessions: SessionMetrics;
  reading: ReadingMetrics;
  fastPath: FastPathMetrics;
  answered: CountAnswer;
  collection: CollectionMetrics;
  keyRefused(error: string): void;
  settingsRefused(settings: "configuration" | "policies"): void;
  webhooks: WebhookMetrics;
  /** Measures jobs. */
  observing(observe: ObserveJob): ObserveJob;
  /** Once: what is read whenever the metrics are. */
  observe(state: ObservedState): void;
  auditFlushFailed(): void;
  activityFlushFailed(): void;
  exposition(): Promise<{ contentType: string; text: string }>;
}

/** What kind of sidecar it is; all of it is known when it starts. */
export interface Build {
  version: string;
  database: string;
}

/** Metrics of one sidecar in the Prometheus format. */
export function createMetrics(build: Build): Metrics {
  const registry = new Registry();
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });

  const duration = new Histogram({
    name: "byo_command_duration_seconds",
    help: "Duration of commands, by command and status.",
    labelNames: ["command", "status"],
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  new Gauge({
    name: "byo_build_info",
    help: "Always 1; the labels say what runs.",
    labelNames: ["version", "database"],
    registers: [registry],
  }).set({ ...build }, 1);
  const answered = createAnswerCounter(registry);
  const refusedSettings = counter("byo_settings_refused_total", "Changed settings that were refused.", "settings");
  for (const settings of ["configuration", "policies"]) refusedSettings.inc({ settings }, 0);
  const busy = counter("byo_commands_refused_busy_total", "Commands refused unread because too many are in progress.");
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
  // A series that begins with 1 has not grown, as far as Prometheus knows.
  for (const reason of END_REASONS) ended.inc({ reason }, 0);
  for (const error of KEY_ERRORS) keys.inc({ error }, 0);
  for (const kind of ["audit", "activity"]) flushes.inc({ kind }, 0);
  const batched = counter("byo_batched_total", "Items that shared a database statement, by kind.", "kind");
  const batches = counter("byo_batches_total", "Database statements that several items shared, by kind.", "kind");
  const asked = counter("byo_session_cache_total", "Lookups in the session cache, by result.", "answer");
  const emptied = counter("byo_session_cache_emptied_total", "How often the session cache was emptied.");
  const granted = counter("byo_holds_granted_total", "Answers that an application may serve again.");
  const full = counter("byo_holds_full_total", "Answers that were not granted because too many are held.");
  const forgets = counter("byo_forgets_pushed_total", "Changes that were pushed to an application that holds answers.");
  const beats = counter("byo_beats_total", "Beats of applications that hold answers, by what came of them.", "answer");
  let interests = () => 0;
  new Gauge({
    name: "byo_held_interests",
    help: "Sessions whose changes are pushed to an application; one session counts for each of its connections.",
    registers: [registry],
    collect() {
      this.set(interests());
    },
  });
  const collected = counter(
    "byo_collected_total",
    "Rows that the garbage collection marked or deleted, by step.",
    "step",
  );
  const notCollected = counter("byo_collection_failures_total", "Steps of the garbage collection that failed.", "step");
  let collectionAges: () => ReadonlyMap<string, number> = () => new Map();
  new Gauge({
    name: "byo_collection_age_seconds",
    help: "Time since a step of the garbage collection was last done with everything, on any replica.",
    labelNames: ["step"],
    registers: [registry],
    collect() {
      for (const [step, age] of collectionAges()) this.set({ step }, age);
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
  let notificationsAgeMs = () => Number.NaN;
  new Gauge({
    name: "byo_session_notifications_age_seconds",
    help: "Age of the latest news about changed sessions. NaN: SESSION_CACHE is off.",
    registers: [registry],
    collect() {
      this.set(notificationsAgeMs() / 1000);
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
    answered,
    settingsRefused: (settings) => refusedSettings.inc({ settings }),
    observing: createJobMetrics(registry),
    webhooks: createWebhookMetrics(registry),
    observe: createStateGauges(registry),
    fastPath: {
      answered,
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
        notificationsAgeMs = ofReplica.newsAgeMs;
      },
    },
    collection: {
      collected: (step, count) => collected.inc({ step }, count),
      failed: (step) => notCollected.inc({ step }),
      steps(names, ages) {
        collectionAges = ages;
        // A series that begins with 1 has not grown, as far as Prometheus knows.
        for (const step of names) notCollected.inc({ step }, 0);
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
    tooMany: () => busy.inc(),
    inFlight: (change) => {
      inFlight += change;
    },
    auditFlushFailed: () => flushes.inc({ kind: "audit" }),
    activityFlushFailed: () => flushes.inc({ kind: "activity" }),
    exposition: async () => {
      const texts = await Promise.all([registry.metrics(), processMetrics().metrics()]);
      return { contentType: registry.contentType, text: texts.join("") };
    },
  };
}
