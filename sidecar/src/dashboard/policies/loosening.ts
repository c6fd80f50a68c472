import type { SessionConfig } from "../../config/session-config.ts";
import { createPolicyBook, type ExplainedSetting, type PolicyBook } from "../../policy/policy.ts";
import type { PolicyChange } from "../contract/policies.ts";
import { isLooser } from "./strictness.ts";

/** Beyond so many tags their pairs are not looked at: every edit then counts as one that loosens. */
const MOST_TAGS = 150;

/**
 * What an edit lets through that was refused before. Sessions with no tag, with each tag and with each pair of tags are
 * looked at: a setting comes from one layer, or from equal ones of which the strictest counts, so a session with more tags
 * can lose nothing that no pair of them loses.
 */
export function looseningOf(before: SessionConfig, after: SessionConfig): PolicyChange[] {
  const [old, now] = [createPolicyBook(before), createPolicyBook(after)];
  const tags = [...new Set([...before.tags, ...after.tags].map(({ tag }) => tag))].sort();
  if (tags.length > MOST_TAGS)
    return [{ layer: "", setting: "tags", before: before.tags.length, after: after.tags.length }];

  const changes = [...topLevel(before, after), ...looser(old, now, "defaults", [])];
  const isKnown = (layers: readonly string[], { setting }: PolicyChange) =>
    changes.some((change) => change.setting === setting && layers.includes(change.layer));
  for (const tag of tags)
    changes.push(...looser(old, now, tag, [tag]).filter((change) => !isKnown(["defaults"], change)));
  for (const [at, tag] of tags.entries()) {
    for (const other of tags.slice(at + 1)) {
      const both = looser(old, now, `${tag} + ${other}`, [tag, other]);
      changes.push(...both.filter((change) => !isKnown(["defaults", tag, other], change)));
    }
  }
  return changes;
}

function looser(old: PolicyBook, now: PolicyBook, layer: string, tags: readonly string[]): PolicyChange[] {
  const [before, after] = [bySetting(old.explain(tags)), bySetting(now.explain(tags))];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [was, is] = [before.get(key), after.get(key)];
    const setting = (is ?? was)?.setting ?? key;
    if (!isLooser(setting, was?.value ?? null, is?.value ?? null)) return [];
    return [{ layer, setting, before: was?.value ?? null, after: is?.value ?? null }];
  });
}

/** Limits of tags are told apart by their tag: there is one for each. */
function bySetting(settings: readonly ExplainedSetting[]): Map<string, ExplainedSetting> {
  const isOfTag = ({ setting }: ExplainedSetting) => setting === "max_concurrent_sessions_per_user_per_tag";
  return new Map(settings.map((item) => [isOfTag(item) ? `${item.setting} ${item.source}` : item.setting, item]));
}

const RETENTIONS_AND_CHALLENGES = [
  "device_challenge_lifetime_secs",
  "challenge_ip_binding",
  "ended_session_retention_secs",
  "audit_retention_secs",
] as const;

function topLevel(before: SessionConfig, after: SessionConfig): PolicyChange[] {
  const values = RETENTIONS_AND_CHALLENGES.flatMap((setting) =>
    isLooser(setting, before[setting], after[setting])
      ? [{ layer: "", setting, before: before[setting], after: after[setting] }]
      : [],
  );
  const freed = before.on_create_only_tags.filter((type) => !after.on_create_only_tags.includes(type));
  const isFreed = freed.length > 0 && !after.on_create_only_tags.includes("*");
  const free = isFreed
    ? [
        {
          layer: "",
          setting: "on_create_only_tags",
          before: before.on_create_only_tags,
          after: after.on_create_only_tags,
        },
      ]
    : [];
  return [...values, ...free];
}
