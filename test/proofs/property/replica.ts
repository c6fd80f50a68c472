import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import { createAuditLog } from "../../../sidecar/src/engine/audit/audit-log.ts";
import { type CommandRunner, createCommandRunner } from "../../../sidecar/src/engine/commands/run-command.ts";
import { readImpersonationConfig } from "../../../sidecar/src/engine/config/impersonation-config.ts";
import { readSessionConfig } from "../../../sidecar/src/engine/config/session-config.ts";
import type { Database } from "../../../sidecar/src/engine/db/database.ts";
import { readClock } from "../../../sidecar/src/engine/db/installation.ts";
import { createRememberedDevices } from "../../../sidecar/src/engine/devices/remembered.ts";
import type { DeviceService } from "../../../sidecar/src/engine/devices/service.ts";
import { createImpersonationService } from "../../../sidecar/src/engine/impersonation/service.ts";
import { createEnvelope } from "../../../sidecar/src/engine/keys/envelope.ts";
import { createPolicyBook } from "../../../sidecar/src/engine/policy/policy.ts";
import { writeActivities } from "../../../sidecar/src/engine/sessions/activity/store.ts";
import { createActivityWriter } from "../../../sidecar/src/engine/sessions/activity/writer.ts";
import type { SessionMetrics } from "../../../sidecar/src/engine/sessions/dependencies.ts";
import { createFairShare } from "../../../sidecar/src/engine/sessions/fair-share.ts";
import type { KnownUses } from "../../../sidecar/src/engine/sessions/read/latest-use.ts";
import type { SessionReader } from "../../../sidecar/src/engine/sessions/read/reader.ts";
import { readSession } from "../../../sidecar/src/engine/sessions/read/store.ts";
import { createSessionService } from "../../../sidecar/src/engine/sessions/service.ts";
import { createTokenKeys } from "../../../sidecar/src/engine/stateless-tokens/keys.ts";
import { createStatelessTokens } from "../../../sidecar/src/engine/stateless-tokens/service.ts";
import { createUpgradeTickets } from "../../../sidecar/src/engine/tickets/service.ts";

/** What answers the commands of a sidecar, so that a test can tell when a request has come to its next statement. */
export interface Replica {
  commands: CommandRunner;
  close(): Promise<void>;
}

const ENCRYPTION_KEY = Buffer.alloc(32, 7);
// Each registry of metrics watches the whole process: thousands of them would do little else.
const NO_METRICS: SessionMetrics = { created() {}, createdTogether() {}, refused() {}, ended() {}, rotation() {} };

const { config: IMPERSONATION } = readImpersonationConfig("{}");

/**
 * Here a proof is the name of its key. Signatures and challenges have their own tests; in these histories days pass
 * between two statements, which no challenge outlives.
 */
const DEVICES: DeviceService = {
  challenge: async () => ({ deviceChallenge: "none", expiresAt: 0 }),
  verify: async ({ signedDeviceChallenge: key }, { thumbprint = key }) =>
    key === thumbprint ? { kind: "good", thumbprint, once: undefined } : { kind: "bad", problem: "key" },
  use: async () => true,
  useAlone: async () => true,
  cookies: async () => ({ issue: () => "none", secondsLeft: () => 0 }),
};

/** How a replica reads sessions: each request by a statement of its own, so that the test can order them. */
const readsAlone: Reading = (db, uses) => ({
  db,
  reader: { read: (id) => readSession(db, uses, id), remembered: () => undefined },
});

export type Reading = (db: Database, uses: KnownUses) => { db: Database; reader: SessionReader };

/** Composes the sidecar's own parts as its start does. */
export function createReplica(
  given: Database,
  sessionConfig: object,
  onError: (error: unknown) => void,
  reading: Reading = readsAlone,
  writeLine: (line: string) => void = () => {},
): Replica {
  const activity = createActivityWriter((activities) => writeActivities(db, activities), onError);
  const { db, reader } = reading(given, activity);
  const book = createPolicyBook(readSessionConfig(JSON.stringify(sessionConfig)).config);
  const policies = { current: () => book };
  const envelope = createEnvelope({ current: ENCRYPTION_KEY });
  const audit = createAuditLog({ db, writeLine, onFlushError: onError, clock: Date.now });
  const fairShare = createFairShare();
  const impersonations = createImpersonationService({
    ...{ db, audit, policies, activity, fairShare, randomBytes },
    rules: () => IMPERSONATION,
  });
  const sessions = {
    db,
    reader,
    audit,
    envelope,
    policies,
    activity,
    devices: DEVICES,
    fairShare,
    endWithUser: impersonations.end.endWithUser,
    metrics: NO_METRICS,
    randomBytes,
  };
  const commands = createCommandRunner({
    sessions: createSessionService(sessions),
    devices: DEVICES,
    rememberedDevices: createRememberedDevices({ db, audit }),
    tickets: createUpgradeTickets(sessions),
    statelessTokens: createStatelessTokens(createTokenKeys(sessions), fairShare),
    impersonations,
    clock: () => readClock(db),
    onUnexpected: onError,
  });
  return {
    commands,
    async close() {
      await activity.close();
      await audit.close();
    },
  };
}

/** A time limit of the database has passed, or its connection broke. */
export const UNAVAILABLE = "the database did not answer";

/** The request on whose behalf code runs. */
export interface RequestContext {
  label: string;
  ipAddress?: string;
  /** The generation of the token that it presents. */
  gen?: number;
  /** Breaks the connection at this step of the request, before or after the database has carried it out. */
  breakAt?: { step: number; when: "before" | "after" };
}

export const requestContext = new AsyncLocalStorage<RequestContext>();
