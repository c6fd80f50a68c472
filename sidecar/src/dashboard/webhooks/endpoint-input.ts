import { END_REASONS, LIMITS } from "@byo-session/core/contract";
import { z } from "zod";
import { WEBHOOK_TYPES } from "../../engine/audit/published.ts";
import type { EndpointChoice } from "../../engine/webhooks/endpoint-store.ts";
import { listOf, oneOf, storedText, tag, yesOrNo } from "../fields.ts";

const REASONS: readonly string[] = END_REASONS;

export const webhookId = z.uuid({ error: "expected the id of a webhook" });

/** Null: everything. An empty list would mean nothing. */
function choiceOf<S extends z.ZodType>(entry: S, most: number, error: string) {
  return listOf(entry, most, error)
    .refine((list) => list.length > 0, { error: `${error}, or null for all` })
    .nullable()
    .default(null);
}

/** What a person enters about an endpoint. */
export const ENDPOINT_FIELDS = {
  name: storedText(100),
  url: storedText(2048),
  /** Default: every type. */
  types: choiceOf(oneOf(WEBHOOK_TYPES), WEBHOOK_TYPES.length, "expected types of events"),
  /** Default: every reason. */
  endReasons: choiceOf(oneOf(REASONS), REASONS.length, "expected reasons for the end of a session"),
  /** Default: all events. */
  tags: choiceOf(tag, LIMITS.tags, "expected tags"),
  /** Default: false. */
  sendsClient: yesOrNo.default(false),
  /** Default: false. */
  isDisabled: yesOrNo.default(false),
} satisfies Record<keyof EndpointChoice, z.ZodType>;
