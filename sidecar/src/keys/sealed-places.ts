import { secondFactorPurpose } from "../dashboard/access/second-factor.ts";
import { challengeKeyPurpose } from "../devices/challenge-keys.ts";
import { saltPurpose } from "../sessions/dependencies.ts";

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
