import {
  type CommandError,
  type JsonValue,
  LIMITS,
  metadataProblem,
  type SessionChanges,
} from "@byo-session/core/contract";
import type { PolicyBook } from "../../policy/policy.ts";
import { isTag } from "../../policy/tags.ts";
import type { SessionRow } from "../session.ts";
import { mergePatch } from "./merge-patch.ts";
import type { ChangedSession } from "./store.ts";

/** What is wrong with changes, regardless of the session. */
export function changesProblem(changes: SessionChanges, book: PolicyBook): CommandError | undefined {
  if ("newMetadata" in changes && "patchMetadata" in changes) return { type: "ConflictingMetadataOptions" };
  const named = [...(changes.tagsToAdd ?? []), ...(changes.tagsToRemove ?? [])];
  const badTag = named.find((tag) => !isTag(tag));
  if (badTag !== undefined) return { type: "InvalidTagFormat", details: { InvalidTagFormat: badTag } };
  const fixed = named.filter((tag) => book.isCreateOnly(tag)).map((tag) => tag.slice(0, tag.indexOf(":")));
  if (fixed.length > 0) return { type: "CannotModifyOnCreateOnlyTags", details: { tag_names: [...new Set(fixed)] } };
  return undefined;
}

/** The session's tags and metadata after the changes, or why they exceed a limit. */
export function applyChanges(row: SessionRow, changes: SessionChanges): ChangedSession | { problem: string } {
  const removed = new Set(changes.tagsToRemove);
  const tags = [...new Set([...row.tags.filter((tag) => !removed.has(tag)), ...(changes.tagsToAdd ?? [])])];
  if (tags.length > LIMITS.tags) return { problem: `tagsToAdd: expected at most ${LIMITS.tags} tags in the result` };
  const metadata = changedMetadata(row.metadata, changes);
  const problem = metadataProblem(metadata);
  if (problem) return { problem: `patchMetadata: ${problem} in the result` };
  const asksRotation = tags.length !== row.tags.length || tags.some((tag) => !row.tags.includes(tag));
  return { tags, metadata, asksRotation };
}

function changedMetadata(metadata: JsonValue | null, changes: SessionChanges): JsonValue | null {
  if (changes.newMetadata !== undefined) return changes.newMetadata;
  return changes.patchMetadata === undefined ? metadata : mergePatch(metadata, changes.patchMetadata);
}
