import type { JsonValue, ValidatedSession } from "./contract/index.ts";
import type { DeviceEvidence } from "./device/evidence.ts";

/**
 * The types of what an application's sessions hold. Empty here; an application declares its own once, for every
 * adapter:
 *
 * @example
 * declare module "@byo-session/core" {
 *   interface Register {
 *     metadata: { theme: "dark" | "light" };
 *     tags: `role:${"admin" | "editor"}` | `plan:${string}`;
 *   }
 * }
 *
 * These are only types: data stored earlier, or by another program, is not checked when it is read.
 */
// biome-ignore lint/suspicious/noEmptyInterface: made to be extended, which a type alias cannot be.
export interface Register {}

/** The metadata of a session, as declared in `Register`; JSON. Default: any JSON value. */
export type SessionMetadata = Register extends { metadata: infer M } ? M : JsonValue;

/** A tag of a session, as declared in `Register`. Default: any string. */
export type SessionTag = Register extends { tags: infer T extends string } ? T : string;

/** Metadata of a session that was read. */
export type ReadonlySessionMetadata = Register extends { metadata: infer M } ? DeepReadonly<M> : ReadonlyJson;

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** The session of a request. Deeply frozen: it is a snapshot of the sidecar's answer, not a data bag. */
export interface Session {
  readonly sessionId: string;
  readonly userId: string;
  /** Of the login, in Unix seconds. */
  readonly createdAt: number;
  /** The absolute end, in Unix seconds. Other rules may end the session earlier. */
  readonly expiresAt: number;
  /**
   * When the session ends if it is not used again, in Unix seconds; at most `expiresAt`. Only if the policy has an
   * inactivity timeout. With held answers, it may be up to a tenth of that timeout early.
   */
  readonly idleExpiresAt?: number;
  /** When the user last proved who they are, in Unix seconds. */
  readonly authenticatedAt: number;
  readonly tags: readonly SessionTag[];
  readonly metadata?: ReadonlySessionMetadata;
  readonly hasDeviceRegistered: boolean;
  /**
   * `proof`: this request carried a proof of the device's key, or a ticket that was issued for one. `recent`: its
   * device cookie shows a proof a few minutes ago. `none`: no device, or devices are ignored.
   */
  readonly deviceEvidence: DeviceEvidence;
  /**
   * The employee who acts as the user. Only while someone does: `sessionId` is then the impersonation's, tags and metadata
   * are those it was started with, and the login and the device are the employee's.
   */
  readonly impersonator?: Impersonator;
}

/** An employee who acts as a user: who it is, and their own session. */
export interface Impersonator {
  readonly employeeEmail: string;
  readonly userId: string;
  readonly sessionId: string;
}

/** JSON that cannot be changed. */
export type ReadonlyJson =
  | string
  | number
  | boolean
  | null
  | readonly ReadonlyJson[]
  | { readonly [key: string]: ReadonlyJson | undefined };

export function createSession(
  validated: ValidatedSession,
  deviceEvidence: DeviceEvidence,
  more?: Pick<Session, "authenticatedAt" | "impersonator">,
): Session {
  const { sessionId, userId, createdAt, expiresAt, idleExpiresAt, tags, metadata, hasDeviceRegistered } = validated;
  return deepFreeze({
    sessionId,
    userId,
    createdAt,
    expiresAt,
    ...(idleExpiresAt !== undefined && { idleExpiresAt }),
    // Not a separate field on the wire: a login and a re-authentication both create a session, and a migrated session
    // is created with the time of its login. So it always equals the session's creation time.
    authenticatedAt: createdAt,
    // As the application has declared them: only its own logins and changes have written them.
    tags: (tags ?? []) as SessionTag[],
    ...(metadata !== undefined && { metadata: metadata as ReadonlySessionMetadata }),
    hasDeviceRegistered,
    deviceEvidence,
    ...more,
  });
}

/** The session after a change that the sidecar has accepted. */
export function changeSession(
  session: Session,
  change: {
    tags?: readonly SessionTag[];
    metadata?: SessionMetadata | null;
    hasDeviceRegistered?: boolean;
    deviceEvidence?: DeviceEvidence;
  },
): Session {
  // A copy, as it went over the wire: the application's own object stays mutable.
  const changed: Session = { ...session, ...JSON.parse(JSON.stringify(change)) };
  if (changed.metadata !== null) return deepFreeze(changed);
  const { metadata: _removed, ...rest } = changed;
  return deepFreeze(rest);
}

/** Metadata as it goes over the wire. A copy, so that the application's own object is not changed. */
export function metadataAsJson(
  metadata: SessionMetadata | ReadonlySessionMetadata | null | undefined,
): JsonValue | undefined {
  return metadata === undefined ? undefined : JSON.parse(JSON.stringify(metadata));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.freeze(value);
    for (const key of Object.keys(value)) deepFreeze((value as Record<string, unknown>)[key]);
  }
  return value;
}
