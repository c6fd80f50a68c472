import type { JsonValue, ValidatedSession } from "./contract/index.ts";

/** The session of a request. Frozen, with everything in it: it is a reading of the sidecar's answer, not a data bag. */
export interface Session {
  readonly sessionId: string;
  readonly userId: string;
  /** Of the login, in Unix seconds. */
  readonly createdAt: number;
  /** The absolute end, in Unix seconds. Other rules may end the session earlier. */
  readonly expiresAt: number;
  /** When the user last proved who they are, in Unix seconds. */
  readonly authenticatedAt: number;
  readonly tags: readonly string[];
  readonly metadata?: ReadonlyJson;
  readonly hasDeviceRegistered: boolean;
  /** This very request carried a proof of the device's key, or the ticket that one has been given for. */
  readonly deviceVerified: boolean;
}

/** JSON that cannot be changed. */
export type ReadonlyJson =
  | string
  | number
  | boolean
  | null
  | readonly ReadonlyJson[]
  | { readonly [key: string]: ReadonlyJson | undefined };

export function createSession(validated: ValidatedSession, deviceVerified: boolean): Session {
  const { sessionId, userId, createdAt, expiresAt, tags, metadata, hasDeviceRegistered } = validated;
  return deepFreeze({
    sessionId,
    userId,
    createdAt,
    expiresAt,
    // Not a field of its own on the wire: a login and a re-authentication both make a new session, and a session taken
    // over from another library is created with the time of its login. So it is always the session's own beginning.
    authenticatedAt: createdAt,
    tags: tags ?? [],
    ...(metadata !== undefined && { metadata }),
    hasDeviceRegistered,
    deviceVerified,
  });
}

/** The session after a change that the sidecar has accepted. */
export function changeSession(
  session: Session,
  change: Partial<Pick<Session, "tags" | "metadata" | "hasDeviceRegistered" | "deviceVerified">>,
): Session {
  // A copy, as it went over the wire: what the application passed stays its own, and changeable.
  const changed: Session = { ...session, ...JSON.parse(JSON.stringify(change)) };
  if (changed.metadata !== null) return deepFreeze(changed);
  const { metadata: _removed, ...rest } = changed;
  return deepFreeze(rest);
}

/** A copy of frozen JSON that may be changed. */
export function copyJson(value: ReadonlyJson): JsonValue {
  return JSON.parse(JSON.stringify(value));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.freeze(value);
    for (const key of Object.keys(value)) deepFreeze((value as Record<string, unknown>)[key]);
  }
  return value;
}
