import { describe, expect, it } from "vitest";
import { isTag, isTagType, tagType } from "../../src/engine/policy/tags.ts";

describe("isTag", () => {
  it.each(["org:acme", "org:9130a2c2-d84e", "type:a:b", "a:::", "überorg:größe", "org:日本", "a:b".padEnd(256, "b")])(
    "takes %s",
    (text) => expect(isTag(text)).toBe(true),
  );

  it.each([
    ["nothing", ""],
    ["no colon", "org"],
    ["no type", ":acme"],
    ["no value", "org:"],
    ["only a colon", ":"],
    ["a space in the value", "org:a b"],
    ["a space in the type", "my org:a"],
    ["a space at the end", "org:a "],
    ["a tab", "org:\ta"],
    ["a line break", "org:a\n"],
    ["a no-break space", "org:a\u00a0b"],
    ["a line separator", "org:a\u2028"],
    ["a next-line control", "org:a\u0085"],
    ["a NUL", "org:\0"],
    ["an escape", "org:\u001b[31m"],
    ["257 characters", "a:b".padEnd(257, "b")],
  ])("refuses %s", (_, text) => expect(isTag(text)).toBe(false));
});

describe("isTagType and tagType", () => {
  it("take what stands before the first colon", () => {
    expect(tagType("type:a:b")).toBe("type");
    expect(isTagType("type")).toBe(true);
    expect(isTagType("*")).toBe(true);
    expect(isTagType("org:acme")).toBe(false);
    expect(isTagType("")).toBe(false);
  });
});
