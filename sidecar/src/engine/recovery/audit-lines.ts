import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { END_REASONS, type EndReason } from "@byo-session/core/contract";
import { z } from "zod";
import { IMPERSONATION_END_REASONS, type ImpersonationEndReason } from "../impersonation/end-reasons.ts";

/** The lines of the audit trail that a sidecar wrote to stdout. */

const time = z.iso.datetime();
const sessionId = z.uuid();
const generation = z.int().positive();

/** The events whose effect must not be lost. All others only tell what happened. */
const LINE = z.discriminatedUnion("event", [
  z.object({ time, event: z.literal("SessionEnded"), sessionId, reason: z.enum(END_REASONS) }),
  z.object({ time, event: z.literal("RotationConfirmed"), sessionId, details: z.object({ generation }) }),
  z.object({ time, event: z.literal("NewerTokenAdopted"), sessionId, details: z.object({ generation }) }),
  z.object({ time, event: z.literal("DeviceRegistered"), sessionId, details: z.object({ deviceId: z.string() }) }),
  z.object({ time, event: z.literal("SessionUpdated"), sessionId, tags: z.array(z.string()) }),
  z.object({
    time,
    event: z.literal("ImpersonationEnded"),
    reason: z.enum(IMPERSONATION_END_REASONS),
    details: z.object({ impersonationId: z.uuid() }),
  }),
  z.object({ time, event: z.literal("IntegrationKeyRevoked"), details: z.object({ keyId: z.uuid() }) }),
  z.object({
    time,
    event: z.literal("DeviceForgotten"),
    userId: z.string(),
    details: z.object({ deviceId: z.string() }),
  }),
  z.object({ time, event: z.literal("DevicesForgotten"), userId: z.string() }),
]);

export type AuditLine = z.infer<typeof LINE>;

/** What the lines say must be true of the database again. Later lines win. */
export interface LostChanges {
  sessionEnds: Map<string, EndReason>;
  /** The newest generation of a session whose token was used. */
  generations: Map<string, number>;
  devices: Map<string, string>;
  tags: Map<string, readonly string[]>;
  impersonationEnds: Map<string, ImpersonationEndReason>;
  revokedKeys: Set<string>;
  forgottenDevices: { userId: string; deviceId: string | null }[];
  /** How many lines were read that are events of the audit trail, from any time. */
  events: number;
}

export function noLostChanges(): LostChanges {
  return {
    sessionEnds: new Map(),
    generations: new Map(),
    devices: new Map(),
    tags: new Map(),
    impersonationEnds: new Map(),
    revokedKeys: new Set(),
    forgottenDevices: [],
    events: 0,
  };
}

/** Reads a file of log lines and gathers what happened at `sinceMs` or later. */
export async function readLostChanges(path: string, sinceMs: number): Promise<LostChanges> {
  const lost = noLostChanges();
  const lines = createInterface({ input: createReadStream(path, "utf8"), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) noteLine(lost, line, sinceMs);
  return lost;
}

/** Other lines of a log, and broken ones, are passed over. */
export function noteLine(lost: LostChanges, line: string, sinceMs: number): void {
  const parsed = parseObject(line);
  if (parsed === undefined || typeof parsed.event !== "string") return;
  lost.events++;
  const { data } = LINE.safeParse(parsed);
  if (data && Date.parse(data.time) >= sinceMs) note(lost, data);
}

function note(lost: LostChanges, line: AuditLine): void {
  switch (line.event) {
    case "SessionEnded":
      lost.sessionEnds.set(line.sessionId, line.reason);
      break;
    case "RotationConfirmed":
    case "NewerTokenAdopted": {
      const known = lost.generations.get(line.sessionId) ?? 0;
      lost.generations.set(line.sessionId, Math.max(known, line.details.generation));
      break;
    }
    case "DeviceRegistered":
      lost.devices.set(line.sessionId, line.details.deviceId);
      break;
    case "SessionUpdated":
      lost.tags.set(line.sessionId, line.tags);
      break;
    case "ImpersonationEnded":
      lost.impersonationEnds.set(line.details.impersonationId, line.reason);
      break;
    case "IntegrationKeyRevoked":
      lost.revokedKeys.add(line.details.keyId);
      break;
    case "DeviceForgotten":
      lost.forgottenDevices.push({ userId: line.userId, deviceId: line.details.deviceId });
      break;
    case "DevicesForgotten":
      lost.forgottenDevices.push({ userId: line.userId, deviceId: null });
  }
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
