import { COMMAND_NAMES } from "@byo-session/core/contract";
import { z } from "zod";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { Database } from "../../engine/db/database.ts";
import { createDeviceStore } from "../../engine/devices/store.ts";
import type { Envelope } from "../../engine/keys/envelope.ts";
import {
  changeKeyLimits,
  createKey,
  type KeyChange,
  KeyManagementError,
  listKeys,
  revokeKey,
} from "../../engine/keys/key-management.ts";
import { DOCUMENT_SETTINGS } from "../../engine/policy/settings.ts";
import { ADMINS, call, EVERYBODY, OWNERS } from "../call.ts";
import { type KnownCaller, traceOf } from "../caller.ts";
import type {
  CreatedIntegrationKey,
  IntegrationKeyInfo,
  IntegrationKeyList,
  Retention,
  SigningKeys,
} from "../contract/settings.ts";
import { listOf, nothing, number, revision, storedText, text, yesOrNo } from "../fields.ts";
import { type PolicyDependencies, saveEdit } from "../policies/save.ts";
import { toPolicyJson } from "../policies/tasks.ts";
import { conflict, invalidField, notFound, type Refusal } from "../refusal.ts";

export interface SettingContext extends PolicyDependencies {
  db: Database;
  audit: AuditLog;
  envelope: Envelope;
  /** The address of the API as programs on this machine reach it. */
  apiUrl: () => string;
}

const MAX_EXPIRY_SECS = 315_360_000;
const keyId = z.uuid({ error: "expected the id of a key" });
const commands = listOf(text(64), 100, "expected names of commands");
const expiry = number(MAX_EXPIRY_SECS, 60);
const boundsOf = ({ min, max }: { min: number; max: number }) => number(max, min);

/** Keys and retention. */
export const SETTING_CALLS = {
  "settings/retention": call({
    method: "GET",
    access: EVERYBODY,
    input: nothing,
    handler: async (_input, _caller, context: SettingContext) => retentionOf(context),
  }),

  /** Lowering one needs the password. */
  "settings/set-retention": call({
    method: "POST",
    access: ADMINS,
    password: "sometimes",
    input: z.strictObject({
      ended_session_retention_secs: boundsOf(DOCUMENT_SETTINGS.ended_session_retention_secs),
      audit_retention_secs: boundsOf(DOCUMENT_SETTINGS.audit_retention_secs),
      expectedRevision: revision,
    }),
    async handler({ expectedRevision, ...changed }, caller, context: SettingContext): Promise<Retention> {
      const config = { ...context.policies.config(), ...changed };
      await saveEdit(context, { policy: toPolicyJson(config), expectedRevision }, caller);
      return retentionOf(context);
    },
  }),

  /** The keys that authenticate device challenges. They rotate automatically. */
  "settings/signing-keys": call({
    method: "GET",
    access: ADMINS,
    input: nothing,
    async handler(_input, _caller, { db, envelope }: SettingContext): Promise<SigningKeys> {
      const keys = await createDeviceStore(db).challengeKeys();
      const items = keys.map(({ id, ageMs }, at) => ({
        id: id.toString(16).padStart(8, "0"),
        purpose: "device-challenge" as const,
        createdAt: Math.floor((Date.now() - ageMs) / 1000),
        isCurrent: at === 0,
      }));
      return { items, encrypted: envelope.encrypts };
    },
  }),

  "settings/integration-keys": call({
    method: "GET",
    access: ADMINS,
    input: nothing,
    async handler(_input, _caller, { db, apiUrl }: SettingContext): Promise<IntegrationKeyList> {
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
      return { items, commands: [...COMMAND_NAMES], url: apiUrl() };
    },
  }),

  "settings/create-integration-key": call({
    method: "POST",
    access: OWNERS,
    password: "always",
    input: z.strictObject({
      name: storedText(100),
      /** Default: every command. */
      allowedCommands: commands.optional(),
      /** Default: false, and true for a key for every command. */
      mayIgnoreDevices: yesOrNo.optional(),
      /** From now. Default: never. */
      expiresInSecs: expiry.optional(),
    }),
    async handler(
      { name, allowedCommands, mayIgnoreDevices, expiresInSecs },
      caller,
      context: SettingContext,
    ): Promise<CreatedIntegrationKey> {
      const capabilities = mayIgnoreDevices ? ["device:ignore"] : [];
      const options = { name, allowedCommands, capabilities, expiresInSecs };
      return createKey(context.db, options, changeBy(caller, context)).catch(refused);
    },
  }),

  /** In force within a second on every replica. What is left out stays as it is. */
  "settings/limit-integration-key": call({
    method: "POST",
    access: OWNERS,
    password: "always",
    input: z.strictObject({
      id: keyId,
      /** Null: every command. */
      allowedCommands: commands.nullable().optional(),
      mayIgnoreDevices: yesOrNo.optional(),
      /** From now. Null: never. */
      expiresInSecs: expiry.nullable().optional(),
    }),
    async handler({ id, mayIgnoreDevices, ...limits }, caller, context: SettingContext) {
      const capabilities = mayIgnoreDevices === undefined ? undefined : mayIgnoreDevices ? ["device:ignore"] : [];
      await changeKeyLimits(context.db, id, { ...limits, capabilities }, changeBy(caller, context)).catch(refused);
      return {};
    },
  }),

  "settings/revoke-integration-key": call({
    method: "POST",
    access: ADMINS,
    password: "always",
    input: z.strictObject({ id: keyId }),
    async handler({ id }, caller, context: SettingContext) {
      await revokeKey(context.db, id, changeBy(caller, context)).catch(refused);
      return {};
    },
  }),
};

function retentionOf({ policies, edits }: SettingContext): Retention {
  const { ended_session_retention_secs, audit_retention_secs } = policies.config();
  return { ended_session_retention_secs, audit_retention_secs, revision: edits?.current()?.revision ?? 0 };
}

function changeBy(caller: KnownCaller, { audit }: SettingContext): KeyChange {
  return { by: traceOf(caller), transaction: audit.transaction };
}

function refused(error: unknown): never {
  if (!(error instanceof KeyManagementError)) throw error;
  throw refusalOf(error);
}

function refusalOf({ code, message }: KeyManagementError): Refusal {
  if (code === "ERR_KEY_NOT_FOUND") return notFound("No key has this id, or it was already revoked.");
  if (code === "ERR_KEY_NAME_TAKEN") return conflict(message);
  const field = {
    ERR_KEY_NAME: "name",
    ERR_KEY_COMMANDS: "allowedCommands",
    ERR_KEY_CAPABILITIES: "mayIgnoreDevices",
    ERR_KEY_EXPIRY: "expiresInSecs",
  }[code];
  return invalidField(field, message);
}
