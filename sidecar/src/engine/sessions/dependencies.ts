import type { CommandError, CommandErrorType, EndReason } from "@byo-session/core/contract";
import type { AuditLog } from "../audit/audit-log.ts";
import type { AuditEvent } from "../audit/event.ts";
import type { Database, Queryable } from "../db/database.ts";
import type { DeviceService } from "../devices/service.ts";
import type { Envelope } from "../keys/envelope.ts";
import type { PolicyBook } from "../policy/policy.ts";
import type { ActivityWriter } from "./activity/writer.ts";
import type { FairShare } from "./fair-share.ts";
import type { SessionReader } from "./read/reader.ts";
import type { RefusalReason } from "./refusal-reason.ts";

/** What the session services need. Randomness is injected; time is always the database's. */
export interface SessionDependencies {
  db: Database;
  reader: SessionReader;
  audit: AuditLog;
  envelope: Envelope;
  policies: { current(): PolicyBook };
  activity: ActivityWriter;
  devices: DeviceService;
  fairShare: FairShare;
  endWithUser: EndWithUser;
  metrics: SessionMetrics;
  randomBytes: (size: number) => Buffer;
}

/** Ends what is no session of the user, but ends when everything of the user does: impersonations. */
export type EndWithUser = (
  tx: Queryable,
  record: (event: AuditEvent) => void,
  userId: string,
  by: { actor: string; details?: Record<string, unknown> },
) => Promise<unknown>;

export interface SessionMetrics {
  created(): void;
  /** This many logins shared a transaction. */
  createdTogether(count: number): void;
  refused(reason: RefusalReason | CommandErrorType): void;
  ended(reason: EndReason, count?: number): void;
  rotation(step: "started" | "confirmed" | "adopted"): void;
}

/** The result of a command: its answer, or an error of the contract. */
export type Answer<T> = { ok: true; data: T } | { ok: false; error: CommandError; status?: number };

export function succeed<T>(data: T): Answer<T> {
  return { ok: true, data };
}

export function fail(error: CommandError, status?: number): { ok: false; error: CommandError; status?: number } {
  return { ok: false, error, ...(status !== undefined && { status }) };
}

/** Other requests kept changing the session while this one tried to. */
export class Contended extends Error {
  override readonly name = "Contended";
}
