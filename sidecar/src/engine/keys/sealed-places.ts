/**
 * What the envelope seals, and as what: sealed bytes that are moved to another row, or to another place, do not open there.
 */

/** The salt of a session's chain. */
export function saltPurpose(sessionId: string): string {
  return `session-salt:${sessionId}`;
}

export function challengeKeyPurpose(id: number | string): string {
  return `challenge-key:${id}`;
}

export function secondFactorPurpose(userId: string): string {
  return `dashboard-second-factor:${userId}`;
}

/** A column whose values are sealed by the envelope. */
export interface SealedPlace {
  readonly table: string;
  readonly column: string;
  /** Of the column `id`, by which rows are walked through. */
  readonly idType: "uuid" | "bigint";
  /** What one value is, for people. */
  readonly noun: string;
  /** As the value was sealed. */
  purposeOf(id: string): string;
}

/** Everything that is sealed in the database, and so has to be sealed anew when ENCRYPTION_KEY changes. */
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
  { table: "sessions", column: "salt", idType: "uuid", noun: "session", purposeOf: saltPurpose },
];
