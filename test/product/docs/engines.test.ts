import { describe, expect, it } from "vitest";
import { FEATURES, HOT_PATH, readStatements, usedIn } from "./engines-table.ts";

describe("the hot path, which docs/sizing.md promises to keep plain", () => {
  const statements = readStatements();
  const hot = statements.filter(({ name }) => HOT_PATH.includes(name));

  it("has its statements", () => {
    expect(hot.map(({ name }) => name).sort()).toEqual([...HOT_PATH].sort());
  });

  it.each(FEATURES)("uses no %s; other statements do, so that the pattern finds it", (feature, pattern) => {
    expect(usedIn(hot, pattern)).toEqual([]);
    if (!feature.startsWith("triggers")) expect(usedIn(statements, pattern)).not.toEqual([]);
  });
});
