import fc from "fast-check";
import { expect, it } from "vitest";
import { looseningOf } from "../../src/dashboard/policies/loosening.ts";
import { readSessionConfig } from "../../src/engine/config/session-config.ts";
import { createPolicyBook } from "../../src/engine/policy/policy.ts";
import { isLooser } from "../../src/engine/policy/strictness.ts";
import type { SessionConfig } from "../../src/engine/policy/values.ts";

const config = (text: object) => readSessionConfig(JSON.stringify(text)).config;
const TAGS = ["a:1", "a:2", "b:1", "c:1"];

const settings = fc.record(
  {
    absolute_lifetime_secs: fc.integer({ min: 60, max: 63 }),
    inactivity_timeout_secs: fc.integer({ min: 60, max: 63 }),
    rotation_interval_secs: fc.constantFrom(0, 600, 1200),
    disallow_ip_address_changes: fc.boolean(),
    user_agent_check: fc.constantFrom("enforce", "flag", "off"),
    on_session_limit_exceeded: fc.constantFrom("reject_new", "drop_oldest"),
    ip_allowlist: fc.subarray(["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "192.0.2.0/24"], { minLength: 1 }),
    ip_blocklist: fc.subarray(["10.0.0.0/9", "10.1.0.0/16", "::/0"]),
  },
  { requiredKeys: [] },
);
const tagSettings = fc
  .tuple(settings, fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }))
  .map(([own, limit]) => ({ ...own, ...(limit && { max_concurrent_sessions_per_user_per_tag: limit }) }));
const policies = fc
  .record({
    defaults: settings,
    tags: fc.array(fc.option(tagSettings, { nil: undefined }), { minLength: 4, maxLength: 4 }),
    tag_priority: fc.constantFrom<string[]>([], ["b"], ["a", "b"], ["c", "a"]),
  })
  .map(({ tags, ...rest }) =>
    config({ ...rest, tags: tags.flatMap((own, at) => (own ? [{ tag: TAGS[at], ...own }] : [])) }),
  );

/** Looks at every session that there can be: with no tag, with one, with two and so on. */
function loosensSome(before: SessionConfig, after: SessionConfig, maxTags: number): boolean {
  const [old, now] = [createPolicyBook(before), createPolicyBook(after)];
  return sessions()
    .filter((tags) => tags.length <= maxTags)
    .some((tags) => {
      const name = ({ setting, source }: { setting: string; source: string }) =>
        setting.endsWith("per_tag") ? `${setting} ${source}` : setting;
      const was = new Map(old.explain(tags).map((one) => [name(one), one]));
      const is = new Map(now.explain(tags).map((one) => [name(one), one]));
      return [...new Set([...was.keys(), ...is.keys()])].some((key) =>
        isLooser(key.split(" ")[0] ?? "", was.get(key)?.value ?? null, is.get(key)?.value ?? null),
      );
    });
}

function sessions(): string[][] {
  return Array.from({ length: 2 ** TAGS.length }, (_, bits) => TAGS.filter((_tag, at) => bits & (1 << at)));
}

it("finds that an edit loosens exactly where a session with up to two tags would be let through more", () => {
  fc.assert(
    fc.property(policies, policies, (before, after) => {
      expect(looseningOf(before, after).length > 0).toBe(loosensSome(before, after, 2));
    }),
    { numRuns: 400, seed: 11 },
  );
});

it("misses nothing that only sessions with more tags would gain", () => {
  fc.assert(
    fc.property(policies, policies, (before, after) => {
      if (loosensSome(before, after, TAGS.length)) expect(looseningOf(before, after)).not.toEqual([]);
    }),
    { numRuns: 400, seed: 12 },
  );
});

it("finds nothing in an edit that only makes single settings stricter", () => {
  const many = Array.from({ length: 4000 }, (_, at) => ({ tag: `org:${at}`, absolute_lifetime_secs: 1000 + at }));
  const before = config({ tags: many });
  const after = config({
    tags: many.map((one) => ({ ...one, absolute_lifetime_secs: one.absolute_lifetime_secs - 1 })),
  });
  expect(looseningOf(before, after)).toEqual([]);
  expect(looseningOf(after, before)).toHaveLength(100);
});

it("takes an edit for one that loosens where there is too much to compare", () => {
  const many = (settings: object) => Array.from({ length: 4000 }, (_, at) => ({ tag: `org:${at}`, ...settings }));
  const found = looseningOf(config({ tags: many({}) }), config({ tags: many({ absolute_lifetime_secs: 60 }) }));
  expect(found).toEqual([{ layer: "", setting: "tags", before: 4000, after: 4000 }]);
});
