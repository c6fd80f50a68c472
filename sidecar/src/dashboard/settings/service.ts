import { COMMAND_NAMES } from "@byo-session/core/contract";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { Database } from "../../engine/db/database.ts";
import { createDeviceStore } from "../../engine/devices/store.ts";
import type { Envelope } from "../../engine/keys/envelope.ts";
import {
  createKey,
  type KeyChange,
  KeyManagementError,
  listKeys,
  revokeKey,
} from "../../engine/keys/key-management.ts";
import { type KnownCaller, traceOf } from "../caller.ts";
import type { IntegrationKeyInfo, Retention } from "../contract/settings.ts";
import type { Handlers } from "../handlers.ts";
import { type PolicyDependencies, saveEdit } from "../policies/save.ts";
import { toPolicyJson } from "../policies/tasks.ts";
import { conflict, invalidField, notFound, type Refusal } from "../refusal.ts";

interface SettingsDependencies extends PolicyDependencies {
  db: Database;
  audit: AuditLog;
  envelope: Envelope;
}

type SettingCalls = Pick<
  Handlers<"settings">,
  | "settings/retention"
  | "settings/set-retention"
  | "settings/signing-keys"
  | "settings/integration-keys"
  | "settings/create-integration-key"
  | "settings/revoke-integration-key"
>;

/** Keys and retention. */
export function createSettingCalls(deps: SettingsDependencies): SettingCalls {
  const { db, audit, envelope, policies, edits } = deps;

  function retention(): Retention {
    const { ended_session_retention_secs, audit_retention_secs } = policies.config();
    return { ended_session_retention_secs, audit_retention_secs, revision: edits?.current()?.revision ?? 0 };
  }

  const changeBy = (caller: KnownCaller): KeyChange => ({ by: traceOf(caller), transaction: audit.transaction });

  return {
    "settings/retention": async () => retention(),

    async "settings/set-retention"({ expectedRevision, ...changed }, caller) {
      const config = { ...policies.config(), ...changed };
      await saveEdit(deps, { policy: toPolicyJson(config), expectedRevision }, caller);
      return retention();
    },

    async "settings/signing-keys"() {
      const keys = await createDeviceStore(db).challengeKeys();
      const items = keys.map(({ id, ageMs }, at) => ({
        id: id.toString(16).padStart(8, "0"),
        purpose: "device-challenge" as const,
        createdAt: Math.floor((Date.now() - ageMs) / 1000),
        isCurrent: at === 0,
      }));
      return { items, encrypted: envelope.encrypts };
    },

    async "settings/integration-keys"() {
      const items = (await listKeys(db)).map(
        (row): IntegrationKeyInfo => ({
          id: row.id,
          name: row.name,
          allowedCommands: row.allowed_commands,
          mayIgnoreDevices: row.allowed_commands === null || row.capabilities.includes("device:ignore"),
          devicesIgnoredAt: row.devices_ignored_at,
          createdAt: row.created_at,
          expiresAt: row.expires_at,
          revokedAt: row.revoked_at,
          lastUsedAt: row.last_used_at,
          state: row.state,
          isInitial: row.initial,
        }),
      );
      return { items, commands: [...COMMAND_NAMES] };
    },

    async "settings/create-integration-key"({ name, allowedCommands, mayIgnoreDevices, expiresInSecs }, caller) {
      const capabilities = mayIgnoreDevices ? ["device:ignore"] : [];
      const options = { name, allowedCommands, capabilities, expiresInSecs };
      return createKey(db, options, changeBy(caller)).catch(refused);
    },

    async "settings/revoke-integration-key"({ id }, caller) {
      await revokeKey(db, id, changeBy(caller)).catch(refused);
      return {};
    },
  };
}

function refused(error: unknown): never {
  if (!(error instanceof KeyManagementError)) throw error;
  throw refusalOf(error);
}

function refusalOf({ code, message }: KeyManagementError): Refusal {
  if (code === "ERR_KEY_NOT_FOUND") return notFound("No key has this id, or it has been revoked already.");
  if (code === "ERR_KEY_NAME_TAKEN") return conflict(message);
  const field = {
    ERR_KEY_NAME: "name",
    ERR_KEY_COMMANDS: "allowedCommands",
    ERR_KEY_CAPABILITIES: "mayIgnoreDevices",
    ERR_KEY_EXPIRY: "expiresInSecs",
  }[code];
  return invalidField(field, message);
}
