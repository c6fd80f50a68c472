import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import { createAuditLog } from "../../sidecar/src/audit/audit-log.ts";
import { type CommandRunner, createCommandRunner, type WireAnswer } from "../../sidecar/src/commands/run-command.ts";
import { readSessionConfig } from "../../sidecar/src/config/session-config.ts";
import type { Database } from "../../sidecar/src/db/database.ts";
import { createRememberedDevices } from "../../sidecar/src/devices/remembered.ts";
import { createDeviceService } from "../../sidecar/src/devices/service.ts";
import { createEnvelope } from "../../sidecar/src/keys/envelope.ts";
import { createMetrics } from "../../sidecar/src/metrics/metrics.ts";
import { createPolicyBook } from "../../sidecar/src/policy/policy.ts";
import { createActivityWriter } from "../../sidecar/src/sessions/activity.ts";
import { createFairShare } from "../../sidecar/src/sessions/fair-share.ts";
import { createSessionService } from "../../sidecar/src/sessions/service.ts";
import { createSessionStore } from "../../sidecar/src/sessions/store.ts";

/** A sidecar without its HTTP server, so that a test can tell when a request has come to its next statement. */
export interface Replica {
  run(command: string, data: unknown): Promise<WireAnswer>;
  close(): Promise<void>;
}

const KEY = { keyId: "test", allows: () => true };
const ENCRYPTION_KEY = Buffer.alloc(32, 7);

/** Composes the sidecar's own parts as its start does. */
export function createReplica(db: Database, sessionConfig: object, onUnexpected: (error: unknown) => void): Replica {
  const book = createPolicyBook(readSessionConfig(JSON.stringify(sessionConfig)).config);
  const policies = { current: () => book };
  const envelope = createEnvelope({ current: ENCRYPTION_KEY });
  const devices = createDeviceService({ db, envelope, policies, randomBytes });
  const audit = createAuditLog({ db, writeLine: () => {}, onFlushError: onUnexpected, clock: Date.now });
  const activity = createActivityWriter(createSessionStore(db).touch, onUnexpected);
  const sessions = createSessionService({
    db,
    audit,
    envelope,
    policies,
    activity,
    devices,
    fairShare: createFairShare(),
    metrics: createMetrics().sessions,
    randomBytes,
  });
  const commands: CommandRunner = createCommandRunner({
    sessions,
    devices,
    rememberedDevices: createRememberedDevices({ db, audit }),
    clock: Date.now,
    onUnexpected,
  });
  return {
    run: (command, data) => commands.run(Buffer.from(JSON.stringify({ command, data })), KEY),
    async close() {
      await activity.close();
      await audit.close();
    },
  };
}

/** The request on whose behalf code runs. */
export interface RequestContext {
  label: string;
  ipAddress?: string;
  /** Breaks the connection at this step of the request, before or after the database has carried it out. */
  breakAt?: { step: number; when: "before" | "after" };
}

export const requestContext = new AsyncLocalStorage<RequestContext>();
