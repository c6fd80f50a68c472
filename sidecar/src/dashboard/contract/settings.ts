import type { DocumentSettings } from "../../engine/policy/values.ts";
import type { Role } from "./roles.ts";

type Retentions = Pick<DocumentSettings, "ended_session_retention_secs" | "audit_retention_secs">;

/** The answer of `settings/retention` and `settings/set-retention`. */
export interface Retention extends Retentions {
  /** The policy revision: retention is part of the policy. */
  revision: number;
}

/** The keys that authenticate device challenges. They rotate automatically. */
export interface SigningKeys {
  items: { id: string; purpose: "device-challenge"; createdAt: number; isCurrent: boolean }[];
  /** Whether keys are encrypted in the database (ENCRYPTION_KEY). */
  encrypted: boolean;
}

/** The published signing keys of stateless tokens, the newest first. */
export interface TokenKeyList {
  items: {
    id: string;
    createdAt: number;
    signsFrom: number;
    /** Null until a rotation sets it. */
    expiresAt: number | null;
    isSigning: boolean;
  }[];
  /** False without ENCRYPTION_KEY. */
  canBeCreated: boolean;
}

/** The answer of `settings/integration-keys`. */
export interface IntegrationKeyList {
  items: IntegrationKeyInfo[];
  /** All commands that a key can be allowed to run. */
  commands: string[];
  /** `BYO_URL` for an app on the same machine. */
  url: string;
}

export interface IntegrationKeyInfo {
  id: string;
  name: string;
  /** Null: every command. */
  allowedCommands: string[] | null;
  /** Whether the app may accept a bound session without a proof (`device:ignore`). */
  mayIgnoreDevices: boolean;
  /** When an app last did that. */
  devicesIgnoredAt: number | null;
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
  lastUsedAt: number | null;
  state: "active" | "expired" | "revoked";
  /** From the environment. */
  isInitial: boolean;
}

export interface CreatedIntegrationKey {
  id: string;
  /** Shown only now; it cannot be read again. */
  key: string;
}

/** The answer of `settings/users`. */
export interface UserList {
  items: DashboardUser[];
}

export interface DashboardUser {
  username: string;
  role: Role;
  isDisabled: boolean;
  hasSecondFactor: boolean;
  /** The password is temporary and has not been changed yet. */
  isTemporary: boolean;
  temporaryUntil: number | null;
  createdAt: number;
  lastLoginAt: number | null;
}

/** The answer of `settings/create-user` and `settings/reset-password`. */
export interface TemporaryPassword {
  username: string;
  /** Shown only now. It works once, until `temporaryUntil`, to choose a new one. */
  password: string;
  temporaryUntil: number;
}
