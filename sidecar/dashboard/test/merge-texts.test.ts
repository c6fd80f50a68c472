import { describe, expect, it } from "vitest";
import { mergeTexts } from "../src/policies/merge-texts.ts";

const BASE = {
  defaults: { absolute_lifetime_secs: 100, inactivity_timeout_secs: 50 },
  tags: [
    { tag: "org:a", absolute_lifetime_secs: 1 },
    { tag: "org:b", absolute_lifetime_secs: 2 },
  ],
  tag_priority: ["org"],
};

type Policy = typeof BASE;

/** The merged policy after two people have changed the base. */
function merge(mine: (policy: Policy) => object, theirs: (policy: Policy) => object): unknown {
  const text = (change: (policy: Policy) => object) => JSON.stringify(change(structuredClone(BASE)), null, 2);
  return JSON.parse(mergeTexts(JSON.stringify(BASE), text(mine), text(theirs)));
}

const same = (policy: Policy) => policy;

describe("two edits of one policy", () => {
  it("are both kept if they change different settings, even of one tag", () => {
    const merged = merge(
      ({ tags: [a, b], ...rest }) => ({
        ...rest,
        defaults: { ...rest.defaults, absolute_lifetime_secs: 90 },
        tags: [{ ...a, rotation_grace_secs: 5 }, b],
      }),
      ({ tags: [a, b], ...rest }) => ({
        ...rest,
        defaults: { absolute_lifetime_secs: 100 },
        tags: [{ ...a, absolute_lifetime_secs: 3 }, b],
        tag_priority: ["type"],
      }),
    );
    expect(merged).toEqual({
      defaults: { absolute_lifetime_secs: 90 },
      tags: [{ tag: "org:a", absolute_lifetime_secs: 3, rotation_grace_secs: 5 }, BASE.tags[1]],
      tag_priority: ["type"],
    });
  });

  it("keep my value if both changed the same setting", () => {
    const set = (secs: number) => (policy: Policy) => ({ ...policy, defaults: { absolute_lifetime_secs: secs } });
    expect(merge(set(7), set(8))).toMatchObject({ defaults: { absolute_lifetime_secs: 7 } });
  });

  it("can add and remove different tags", () => {
    const merged = merge(
      ({ tags: [a], ...rest }) => ({ ...rest, tags: [a, { tag: "org:mine" }] }),
      ({ tags, ...rest }) => ({ ...rest, tags: [...tags, { tag: "org:theirs" }] }),
    );
    expect(merged).toMatchObject({ tags: [BASE.tags[0], { tag: "org:theirs" }, { tag: "org:mine" }] });
  });

  it("leave a tag removed that I did not change, and bring back one that I changed", () => {
    const without = ({ tags: [a], ...rest }: Policy) => ({ ...rest, tags: [a] });
    expect(merge(same, without)).toMatchObject({ tags: [BASE.tags[0]] });
    const edited = ({ tags: [a, b], ...rest }: Policy) => ({ ...rest, tags: [a, { ...b, rotation_grace_secs: 5 }] });
    expect(merge(edited, without)).toMatchObject({ tags: [BASE.tags[0], { ...BASE.tags[1], rotation_grace_secs: 5 }] });
  });

  it("leave my text as it is while it is not valid", () => {
    expect(mergeTexts(JSON.stringify(BASE), "[half", JSON.stringify(BASE))).toBe("[half");
  });
});
