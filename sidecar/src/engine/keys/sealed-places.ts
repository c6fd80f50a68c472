/**
 * What the envelope seals, and under which purpose: sealed bytes moved to another row or place do not open there.
 */

/** The salt of a session's chain. */
export function saltPurpose(sessionId: string): string {
  return `session-salt:${sessionId}`;
}

export function challengeKeyPurpose(id: number | string): string {
  return `challenge-key:${id}`;
}

export function tokenKeyPurpose(id: string): string {
  return `stateless-token-key:${id}`;
}

export function webhookSecretPurpose(endpointId: string): string {
  return `webhook-secret:${endpointId}`;
}

export function secondFactorPurpose(userId: string): string {
  return `dashboard-second-factor:${userId}`;
}

/** A column whose values are sealed by the envelope. */
export interface SealedPlace {
  readonly table: string;
  readonly column: string;
  /** The type of the column `id`, which orders the rows. */
  readonly idType: "uuid" | "bigint";
  /** What a value is called, for people. */
  readonly noun: string;
  /** The purpose that the value was sealed with. */
  purposeOf(id: string): string;
}

/** Everything in the database that is sealed, and so must be resealed when ENCRYPTION_KEY changes. */
export const SEALED_PLACES: readonly SealedPlace[] = [
  {
    table: "dashboard_users",
    column: "second_factor",
    idType: "uuid",
    noun: "second factor",
    purposeOf: secondFactorPurpose,
  },
  {
    table: "dashboard_users",
    column: "pending_second_factor",
    idType: "uuid",
    noun: "second factor being set up",
    purposeOf: secondFactorPurpose,
  },
  {
    table: "challenge_keys",
    column: "sealed",
    idType: "bigint",
    noun: "device challenge key",
    purposeOf: challengeKeyPurpose,
  },
  {
    table: "stateless_token_keys",
    column: "sealed",
    idType: "uuid",
    noun: "stateless token key",
    purposeOf: tokenKeyPurpose,
  },
  {
    table: "webhook_endpoints",
    column: "secret",
    idType: "uuid",
    noun: "webhook secret",
    purposeOf: webhookSecretPurpose,
  },
  {
    table: "webhook_endpoints",
    column: "previous_secret",
    idType: "uuid",
    noun: "earlier webhook secret",
    purposeOf: webhookSecretPurpose,
  },
  { table: "sessions", column: "salt", idType: "uuid", noun: "session", purposeOf: saltPurpose },
];
