import { LRUCache } from "lru-cache";
import { onceForEach } from "../../engine/once-for-each.ts";
import { type PolicyBook, policyBookOf } from "../../engine/policy/policy.ts";
import type { SessionConfig } from "../../engine/policy/values.ts";
import { type LivingValues, livingValuesOf } from "../../engine/sessions/living/store.ts";
import type { PolicyChange, PolicyCheck } from "../contract/policies.ts";
import type { PolicySetting } from "../contract/sessions.ts";
import { changesBetween, type PolicyDocument, patchBetween, toDocument, toText } from "./document.ts";
import { withEdits } from "./edits.ts";
import { explainPolicy } from "./explain.ts";
import { looseningOf } from "./loosening.ts";
import { type AddressRows, addressTags, countRefused, touchedTags, touchesAddresses } from "./preview.ts";
import { checkText, readText } from "./problems.ts";

/** A policy on its way to the thread and back: JSON text, which is cheaper to send than an object. */
export type PolicyJson = string & { readonly policyJson: unique symbol };

export const toPolicyJson = onceForEach((config: SessionConfig) => JSON.stringify(config) as PolicyJson);

/** The difference between two policies, and the edit that stores it. */
export interface Comparison {
  changes: PolicyChange[];
  loosens: PolicyChange[];
  patch: PolicyDocument;
  textBefore: string;
  textAfter: string;
}

/** What to ask the database about an edit. */
export interface Questions {
  living: LivingValues;
  tags: readonly string[] | "any";
  /** The tags that decide who is refused, numbered; undefined: the edit refuses nobody. */
  addressTags: readonly string[] | undefined;
}

export interface Preview extends PolicyCheck {
  changes: PolicyChange[];
  loosens: PolicyChange[];
  questions: Questions | undefined;
}

/** The slow work on policies. Pure functions: inputs and outputs cross between threads. */
export interface Tasks {
  check(input: { text: string }): PolicyCheck;
  /** Throws a `Refusal` for a text that is not valid. */
  read(input: { text: string }): PolicyJson;
  /** A policy with the edits of an earlier revision. */
  edited(input: { file: PolicyJson; patch: PolicyDocument }): PolicyJson;
  /** The text that a file with this policy would have. */
  text(input: { policy: PolicyJson }): string;
  explain(input: { policy: PolicyJson | { text: string }; file: PolicyJson; tags: string[] }): PolicySetting[];
  compare(input: { before: PolicyJson; after: PolicyJson; file: PolicyJson }): Comparison;
  preview(input: { text: string; before: PolicyJson }): Preview;
  /** How many of the sessions are refused by the text and not before. */
  refused(input: { text: string; before: PolicyJson; tags: readonly string[]; rows: string }): number;
}

/** The questions about one text come one after the other. */
const LATELY = 4;
const configs = new LRUCache<string, SessionConfig>({ max: LATELY });
const checks = new LRUCache<string, ReturnType<typeof checkText>>({ max: LATELY });

function configOf(json: PolicyJson): SessionConfig {
  const config = configs.get(json) ?? (JSON.parse(json) as SessionConfig);
  configs.set(json, config);
  return config;
}

function checked(text: string): ReturnType<typeof checkText> {
  const result = checks.get(text) ?? checkText(text);
  checks.set(text, result);
  return result;
}

export const tasks: Tasks = {
  check({ text }) {
    const { isValid, problems, warnings } = checked(text);
    return { isValid, problems, warnings };
  },

  read: ({ text }) => toPolicyJson(readText(text)),

  edited: ({ file, patch }) => toPolicyJson(withEdits(configOf(file), patch)),

  text: ({ policy }) => toText(toDocument(configOf(policy))),

  explain({ policy, file, tags }) {
    const config = typeof policy === "string" ? configOf(policy) : readText(policy.text);
    return explainPolicy(config, configOf(file), tags);
  },

  compare({ before, after, file }) {
    const [old, now] = [configOf(before), configOf(after)];
    return {
      changes: changesBetween(toDocument(old), toDocument(now)),
      loosens: looseningOf(old, now),
      patch: patchBetween(toDocument(configOf(file)), toDocument(now)),
      textBefore: toText(toDocument(old)),
      textAfter: toText(toDocument(now)),
    };
  },

  preview({ text, before }) {
    const { config, ...check } = checked(text);
    if (!config) return { ...check, changes: [], loosens: [], questions: undefined };
    const old = configOf(before);
    const changes = changesBetween(toDocument(old), toDocument(config));
    return { ...check, changes, loosens: looseningOf(old, config), questions: questionsOf(changes, old, config) };
  },

  refused({ text, before, tags, rows }) {
    const now: PolicyBook = policyBookOf(checked(text).config ?? readText(text));
    return countRefused(JSON.parse(rows) as AddressRows, tags, policyBookOf(configOf(before)), now);
  },
};

function questionsOf(changes: readonly PolicyChange[], before: SessionConfig, after: SessionConfig): Questions {
  const [old, now] = [policyBookOf(before), policyBookOf(after)];
  return {
    living: livingValuesOf(now),
    tags: touchedTags(changes),
    addressTags: touchesAddresses(changes) ? addressTags(old, now) : undefined,
  };
}
