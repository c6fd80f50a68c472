import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import { type AuditLog, createAuditLog } from "./audit/audit-log.ts";
import type { CleanUp } from "./clean-up.ts";
import { type CommandRunner, createCommandRunner } from "./commands/run-command.ts";
import type { ConfigFiles } from "./config/config-files.ts";
import { recordConfigChanges } from "./config/record-changes.ts";
import type { Database } from "./db/database.ts";
import { readClock } from "./db/installation.ts";
import { createRememberedDevices } from "./devices/remembered.ts";
import { createDeviceService } from "./devices/service.ts";
import { startGarbageCollection } from "./garbage-collection/collector.ts";
import type { CollectionStep } from "./garbage-collection/step.ts";
import type { Holds } from "./holds/holds.ts";
import { impersonationSteps } from "./impersonation/collection.ts";
import { createImpersonationService, type Impersonations } from "./impersonation/service.ts";
import type { Envelope } from "./keys/envelope.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { CidrSet } from "./policy/ip-address.ts";
import { followPolicies, type LivePolicies, type PolicyEdits } from "./policy/live-policies.ts";
import { writeActivities } from "./sessions/activity/store.ts";
import { createActivityWriter } from "./sessions/activity/writer.ts";
import type { SessionDependencies, SessionMetrics } from "./sessions/dependencies.ts";
import { createFairShare } from "./sessions/fair-share.ts";
import { composeReading } from "./sessions/read/compose.ts";
import { createSessionService } from "./sessions/service.ts";
import { createTokenKeys } from "./stateless-tokens/keys.ts";
import { createStatelessTokens, type StatelessTokens } from "./stateless-tokens/service.ts";
import { createUpgradeTickets } from "./tickets/service.ts";
import type { Tracing } from "./tracing/tracing.ts";
import { composeWebhooks, type Webhooks } from "./webhooks/compose.ts";
import { webhookSteps } from "./webhooks/steps.ts";

interface Foundations {
  db: Database;
  /** Whether this replica caches sessions. */
  sessionCache: boolean;
  configFiles: ConfigFiles;
  /** Policy edits over the file. Undefined: only the file applies. */
  edits: PolicyEdits | undefined;
  /** Counts what the metrics count, for the dashboard. */
  counters: { counting(metrics: SessionMetrics): SessionMetrics };
  /** What to collect for the dashboard. */
  maintenance: readonly CollectionStep[];
  envelope: Envelope;
  /** Private addresses that webhooks may be sent to. */
  webhookPrivateTargets: CidrSet;
  metrics: Metrics;
  /** Undefined: nothing is traced. */
  tracing: Tracing | undefined;
  log: Logger;
  /** Receives an audit event, one line of JSON. */
  writeLine: (line: string) => void;
  cleanUp: CleanUp;
}

export interface Services {
  audit: AuditLog;
  policies: LivePolicies;
  sessions: SessionDependencies;
  statelessTokens: StatelessTokens;
  impersonations: Impersonations;
  webhooks: Webhooks;
  commands: CommandRunner;
  /** Undefined: applications hold nothing. */
  holds: Holds | undefined;
}

/** Builds the services that answer commands, and starts their jobs. */
export function composeServices({
  db: opened,
  sessionCache,
  configFiles,
  edits,
  counters,
  maintenance,
  envelope,
  webhookPrivateTargets,
  metrics,
  tracing,
  log,
  writeLine,
  cleanUp,
}: Foundations): Services {
  const activity = createActivityWriter(
    async (activities) => {
      const written = await writeActivities(reading.db, activities);
      reading.used(activities);
      return written;
    },
    (error) => {
      metrics.activityFlushFailed();
      log.error({ err: error }, "times of use could not be written; they are kept and tried again");
    },
  );
  const reading = composeReading({
    db: opened,
    remembers: sessionCache,
    uses: activity,
    metrics: metrics.reading,
    onError: (error) =>
      log.warn(
        { err: error },
        "this replica does not hear which sessions change: until it does, it remembers none and applications hold no answers",
      ),
    onClockSet: (byMs) =>
      log.warn(
        { bySecs: Math.round(byMs / 1000) },
        "the clock of the database was set: lifetimes, limits of time and the audit trail follow it; keep its server in time with NTP",
      ),
  });
  cleanUp.push(() => reading.close());
  const { db, reader, holds } = reading;
  const audit = createAuditLog({
    db,
    writeLine,
    onFlushError(error) {
      metrics.auditFlushFailed();
      log.error({ err: error }, "refusals could not be written; they are kept and tried again");
    },
    clock: Date.now,
  });
  cleanUp.push(() => audit.close());
  cleanUp.push(() => activity.close());

  const policyFile = { current: () => configFiles.current().session, onChange: configFiles.onChange };
  const policies = followPolicies(policyFile, edits, {
    log,
    onRefused: () => metrics.settingsRefused("policies"),
  });
  configFiles.onRefused(() => metrics.settingsRefused("configuration"));
  policies.onChange(() => holds?.interest.forgetAll());
  recordConfigChanges({ db, configFiles, audit, log });
  const devices = createDeviceService({
    db,
    envelope,
    policies,
    randomBytes,
    onBatch: (size) => metrics.reading.batch("proof-use", size),
  });
  const fairShare = createFairShare();
  const impersonations = createImpersonationService({
    ...{ db, audit, policies, activity, fairShare, randomBytes },
    rules: () => configFiles.current().impersonation,
  });
  const sessions: SessionDependencies = {
    db,
    reader,
    audit,
    envelope,
    policies,
    activity,
    devices,
    fairShare,
    endWithUser: impersonations.end.endWithUser,
    metrics: counters.counting(metrics.sessions),
    randomBytes,
  };
  cleanUp.push(
    startGarbageCollection({
      deps: sessions,
      moreSteps: [
        ...impersonationSteps(
          () => configFiles.current().impersonation.impersonation_duration_secs,
          () => policies.current(),
        ),
        ...webhookSteps(() => policies.current().audit_retention_secs),
        ...maintenance,
      ],
      metrics: metrics.collection,
      log,
      intervalSecs: () => configFiles.current().system.job_run_intervals.session_garbage_collection,
    }),
  );

  const webhooks = composeWebhooks({
    db,
    envelope,
    privateTargets: webhookPrivateTargets,
    metrics: metrics.webhooks,
    log,
  });
  cleanUp.push(() => webhooks.close());
  const statelessTokens = createStatelessTokens(createTokenKeys({ db, audit, envelope }), sessions.fairShare);
  const commands = createCommandRunner({
    sessions: createSessionService(sessions),
    devices,
    rememberedDevices: createRememberedDevices({ db, audit }),
    tickets: createUpgradeTickets(sessions),
    statelessTokens,
    impersonations,
    clock: () => readClock(db),
    tracing,
    onUnexpected: (error, command) => log.error({ err: error, command }, "a command failed unexpectedly"),
  });
  return { audit, policies, sessions, statelessTokens, impersonations, webhooks, commands, holds };
}
