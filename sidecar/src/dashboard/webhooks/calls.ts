import { randomUUID } from "node:crypto";
import { END_REASONS } from "@byo-session/core/contract";
import { z } from "zod";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import { WEBHOOK_TYPES } from "../../engine/audit/published.ts";
import type { Database } from "../../engine/db/database.ts";
import type { Envelope } from "../../engine/keys/envelope.ts";
import { webhookSecretPurpose } from "../../engine/keys/sealed-places.ts";
import type { Webhooks } from "../../engine/webhooks/compose.ts";
import { createEndpointStore, type EndpointChoice } from "../../engine/webhooks/endpoint-store.ts";
import { newSecret, secretText } from "../../engine/webhooks/signature.ts";
import { ADMINS, call } from "../call.ts";
import { traceOf } from "../caller.ts";
import type { WebhookList, WebhookSecret } from "../contract/webhooks.ts";
import { nothing, number } from "../fields.ts";
import { conflict, invalidField, notFound } from "../refusal.ts";
import { ENDPOINT_FIELDS, webhookId } from "./endpoint-input.ts";

export interface WebhookContext {
  db: Database;
  audit: AuditLog;
  envelope: Envelope;
  webhooks: Webhooks;
}

/** Each event is written once for each endpoint that wants it. */
const MAX_ENDPOINTS = 20;
const WEEK_SECS = 604_800;

/** Where the sidecar tells other systems what happened. Every change needs the password: it decides where data goes. */
export const WEBHOOK_CALLS = {
  "webhooks/list": call({
    method: "GET",
    access: ADMINS,
    input: nothing,
    async handler(_input, _caller, { db, envelope }: WebhookContext): Promise<WebhookList> {
      return {
        items: await createEndpointStore(db).list(),
        types: [...WEBHOOK_TYPES],
        endReasons: [...END_REASONS],
        canBeCreated: envelope.encrypts,
      };
    },
  }),

  "webhooks/create": call({
    method: "POST",
    access: ADMINS,
    password: "always",
    input: z.strictObject(ENDPOINT_FIELDS),
    async handler(choice, caller, context: WebhookContext): Promise<WebhookSecret> {
      const { envelope } = context;
      refuseWithoutKey(envelope);
      refuseTarget(choice, context);
      const [id, secret] = [randomUUID(), newSecret()];
      await context.audit.transaction(async (tx, record) => {
        const endpoints = createEndpointStore(tx);
        await endpoints.lock();
        const all = await endpoints.list();
        if (all.length >= MAX_ENDPOINTS) throw conflict(`There are ${MAX_ENDPOINTS} webhooks, the most there can be.`);
        if (all.some(({ name }) => name === choice.name)) throw nameTaken();
        await endpoints.insert(id, choice, envelope.seal(webhookSecretPurpose(id), secret));
        record({
          event: "WebhookCreated",
          ...traceOf(caller),
          details: { ...named(id, choice), after: shown(choice) },
        });
      });
      return { id, secret: secretText(secret) };
    },
  }),

  "webhooks/change": call({
    method: "POST",
    access: ADMINS,
    password: "always",
    input: z.strictObject({ ...ENDPOINT_FIELDS, id: webhookId }),
    async handler({ id, ...choice }, caller, context: WebhookContext) {
      refuseTarget(choice, context);
      await context.audit.transaction(async (tx, record) => {
        const endpoints = createEndpointStore(tx);
        await endpoints.lock();
        const all = await endpoints.list();
        const before = all.find((endpoint) => endpoint.id === id);
        if (!before) throw unknown();
        if (all.some((other) => other.id !== id && other.name === choice.name)) throw nameTaken();
        await endpoints.update(id, choice);
        const details = { ...named(id, before), before: shown(before), after: shown(choice) };
        record({ event: "WebhookChanged", ...traceOf(caller), details });
      });
      return {};
    },
  }),

  /** What waits for it is not sent. */
  "webhooks/delete": call({
    method: "POST",
    access: ADMINS,
    password: "always",
    input: z.strictObject({ id: webhookId }),
    async handler({ id }, caller, { audit }: WebhookContext) {
      await audit.transaction(async (tx, record) => {
        const endpoints = createEndpointStore(tx);
        await endpoints.lock();
        const found = (await endpoints.list()).find((endpoint) => endpoint.id === id);
        if (!found || !(await endpoints.delete(id))) throw unknown();
        record({ event: "WebhookDeleted", ...traceOf(caller), details: named(id, found) });
      });
      return {};
    },
  }),

  "webhooks/rotate-secret": call({
    method: "POST",
    access: ADMINS,
    password: "always",
    input: z.strictObject({
      id: webhookId,
      /** How long the secret until now signs too, so that the receiver can change to the new one. */
      keepPreviousSecs: number(WEEK_SECS),
    }),
    async handler({ id, keepPreviousSecs }, caller, { audit, envelope }: WebhookContext): Promise<WebhookSecret> {
      refuseWithoutKey(envelope);
      const secret = newSecret();
      await audit.transaction(async (tx, record) => {
        const endpoints = createEndpointStore(tx);
        await endpoints.lock();
        const found = (await endpoints.list()).find((endpoint) => endpoint.id === id);
        if (!found) throw unknown();
        await endpoints.rotate(id, envelope.seal(webhookSecretPurpose(id), secret), keepPreviousSecs);
        const details = { ...named(id, found), keepPreviousSecs };
        record({ event: "WebhookSecretRotated", ...traceOf(caller), details });
      });
      return { id, secret: secretText(secret) };
    },
  }),
};

function refuseWithoutKey({ encrypts }: Envelope): void {
  if (!encrypts) throw conflict("Set ENCRYPTION_KEY first: the secrets of webhooks are stored encrypted only.");
}

function refuseTarget({ url }: EndpointChoice, { webhooks }: WebhookContext): void {
  const problem = webhooks.targets.problemOf(url);
  if (problem !== undefined) throw invalidField("url", problem);
}

/** A URL often has a secret in its path or query. */
function shown({ url, types, endReasons, tags, sendsClient, isDisabled }: EndpointChoice) {
  return { origin: new URL(url).origin, types, endReasons, tags, sendsClient, isDisabled };
}

function named(id: string, { name }: { name: string }) {
  return { endpointId: id, target: name };
}

export function unknown() {
  return notFound("No webhook has this id.");
}

function nameTaken() {
  return conflict("Another webhook has this name. Choose another name.");
}
