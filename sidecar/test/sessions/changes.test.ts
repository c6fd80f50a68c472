import type { JsonValue, SessionChanges } from "@byo-session/core/contract";
import { describe, expect, it } from "vitest";
import { readSessionConfig } from "../../src/engine/config/session-config.ts";
import { createPolicyBook } from "../../src/engine/policy/policy.ts";
import { applyChanges, changesProblem } from "../../src/engine/sessions/update/changes.ts";
import { mergePatch } from "../../src/engine/sessions/update/merge-patch.ts";
import { rowWith } from "./fixtures.ts";

describe("a merge patch", () => {
  // RFC 7396, appendix A.
  it.each<[JsonValue, JsonValue, JsonValue]>([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("of %j by %j is %j", (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  it("changes neither of the two", () => {
    const target = { a: { b: 1 } };
    const patch = { a: { c: 2 } };
    mergePatch(target, patch);
    expect([target, patch]).toEqual([{ a: { b: 1 } }, { a: { c: 2 } }]);
  });

  it("takes __proto__ for a name like any other", () => {
    const patch: JsonValue = JSON.parse(
      '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}',
    );
    const merged = mergePatch({}, patch);
    expect(JSON.stringify(merged)).toBe(JSON.stringify(patch));
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    expect(mergePatch(merged, JSON.parse('{"__proto__": null}'))).toEqual({
      constructor: { prototype: { polluted: true } },
    });
  });
});

describe("changes of a session", () => {
  const book = createPolicyBook(readSessionConfig('{ "on_create_only_tags": ["type"] }').config);
  const everyType = createPolicyBook(readSessionConfig('{ "on_create_only_tags": ["*"] }').config);

  it.each<[SessionChanges, object | undefined]>([
    [{}, undefined],
    [{ tagsToAdd: ["a:b"], tagsToRemove: ["c:d"], newMetadata: null }, undefined],
    [{ newMetadata: 1, patchMetadata: 2 }, { type: "ConflictingMetadataOptions" }],
    [{ newMetadata: null, patchMetadata: null }, { type: "ConflictingMetadataOptions" }],
    [{ tagsToAdd: ["a:b", "x"] }, { type: "InvalidTagFormat", details: { InvalidTagFormat: "x" } }],
    [{ tagsToRemove: ["x y:z"] }, { type: "InvalidTagFormat", details: { InvalidTagFormat: "x y:z" } }],
    [
      { tagsToAdd: ["type:a", "a:b"], tagsToRemove: ["type:b"] },
      { type: "CannotModifyOnCreateOnlyTags", details: { tag_names: ["type"] } },
    ],
  ])("%j have this problem: %j", (changes, problem) => {
    expect(changesProblem(changes, book)).toEqual(problem);
  });

  it("may touch no tag where every type is for logins only", () => {
    const details = { tag_names: ["a", "c"] };
    const changes = { tagsToAdd: ["a:b"], tagsToRemove: ["c:d"] };
    expect(changesProblem(changes, everyType)).toEqual({ type: "CannotModifyOnCreateOnlyTags", details });
    expect(changesProblem({ patchMetadata: {} }, everyType)).toBeUndefined();
  });

  it.each<[SessionChanges, string[], boolean]>([
    [{}, ["a:b", "c:d"], false],
    [{ tagsToAdd: ["a:b"] }, ["a:b", "c:d"], false],
    [{ tagsToRemove: ["x:y"] }, ["a:b", "c:d"], false],
    [{ tagsToAdd: ["e:f", "e:f"] }, ["a:b", "c:d", "e:f"], true],
    [{ tagsToRemove: ["a:b"] }, ["c:d"], true],
    [{ tagsToAdd: ["a:b"], tagsToRemove: ["a:b"] }, ["c:d", "a:b"], false],
    [{ tagsToAdd: ["e:f"], tagsToRemove: ["a:b"] }, ["c:d", "e:f"], true],
  ])("%j make these tags, and a rotation due only when they differ", (changes, tags, asksRotation) => {
    const row = rowWith({ tags: ["a:b", "c:d"], metadata: { kept: 1 } });
    expect(applyChanges(row, changes)).toEqual({ tags, metadata: { kept: 1 }, asksRotation });
  });

  it.each<[SessionChanges, JsonValue]>([
    [{ newMetadata: "x" }, "x"],
    [{ newMetadata: null }, null],
    [{ patchMetadata: { b: 2 } }, { a: 1, b: 2 }],
    [{ patchMetadata: null }, null],
  ])("%j make this metadata: %j", (changes, metadata) => {
    expect(applyChanges(rowWith({ metadata: { a: 1 } }), changes)).toMatchObject({ metadata });
  });

  it("are judged by their result", () => {
    const tags = Array.from({ length: 50 }, (_, index) => `t:${index}`);
    expect(applyChanges(rowWith({ tags }), { tagsToAdd: ["a:b"] })).toHaveProperty("problem");
    expect(applyChanges(rowWith({ tags }), { tagsToAdd: ["a:b"], tagsToRemove: ["t:1"] })).not.toHaveProperty(
      "problem",
    );
    const half = "x".repeat(40_000);
    expect(applyChanges(rowWith({ metadata: { a: half } }), { patchMetadata: { b: half } })).toHaveProperty("problem");
  });
});
