import { describe, expect, it } from "vitest";
import type { LimitMode } from "../../src/engine/policy/values.ts";
import { applyLimits } from "../../src/engine/sessions/create/limits.ts";
import { LOGIN_MS, policyWith, rowWith } from "./fixtures.ts";

/** Sessions a, b, c, … each created a second after the one before. */
function sessions(names: string, changes: Record<string, Parameters<typeof rowWith>[0]> = {}) {
  return [...names].map((name, index) => {
    const at = LOGIN_MS + index * 1000;
    return rowWith({ id: name, createdAt: at, lastActivityAt: at, ...changes[name] });
  });
}

function dropped(rows: ReturnType<typeof sessions>, policy: Parameters<typeof policyWith>[0]): string | object {
  const decision = applyLimits(rows, policyWith(policy));
  return decision.kind === "reject" ? decision : decision.drop.map(({ id }) => id).join("");
}

const limit = (max: number, mode: LimitMode) => ({
  max_concurrent_sessions_per_user: max,
  on_session_limit_exceeded: mode,
});

describe("the limit of a user's sessions", () => {
  it.each([
    ["drop_oldest", "a"],
    ["drop_newest", "c"],
    ["drop_least_recently_active", "b"],
  ] as const)("makes room for the new one with %s", (mode, expected) => {
    const rows = sessions("abc", { a: { createdAt: LOGIN_MS, lastActivityAt: LOGIN_MS + 5000 } });
    expect(dropped(rows, limit(3, mode))).toBe(expected);
  });

  it("leaves everything as it is while there is room", () => {
    for (const mode of ["drop_oldest", "drop_newest", "reject_new", "drop_least_recently_active"] as const) {
      expect(dropped(sessions("ab"), limit(3, mode))).toBe("");
    }
  });

  it("refuses with reject_new, and says how many there are", () => {
    const decision = { kind: "reject", currentCount: 3, maxAllowed: 3 };
    expect(dropped(sessions("abc"), limit(3, "reject_new"))).toEqual(decision);
  });

  it("goes down to a limit that was lowered meanwhile", () => {
    expect(dropped(sessions("abcde"), limit(2, "drop_oldest"))).toBe("abcd");
    expect(dropped(sessions("abcde"), limit(2, "drop_newest"))).toBe("edcb");
  });

  it("breaks ties of time by id, so that every replica chooses the same", () => {
    const same = { createdAt: LOGIN_MS, lastActivityAt: LOGIN_MS };
    for (const mode of ["drop_oldest", "drop_newest", "drop_least_recently_active"] as const) {
      expect(dropped(sessions("cab", { a: same, b: same, c: same }), limit(3, mode))).toBe("a");
    }
  });
});

describe("the limit of a tag", () => {
  const tagged = { tags: ["t:x"] };
  const tagLimits = (max: number, mode: LimitMode) => ({ tagLimits: [{ tag: "t:x", max, mode }] });

  it("counts the sessions with that tag", () => {
    const rows = sessions("abc", { b: tagged });
    expect(dropped(rows, tagLimits(1, "drop_oldest"))).toBe("b");
    expect(dropped(rows, tagLimits(2, "drop_oldest"))).toBe("");
    expect(dropped(rows, tagLimits(1, "reject_new"))).toEqual({ kind: "reject", currentCount: 1, maxAllowed: 1 });
  });

  it("comes after the user's, whose drops make room for it too", () => {
    const rows = sessions("abc", { a: tagged, b: tagged });
    expect(dropped(rows, { ...limit(3, "drop_oldest"), ...tagLimits(2, "reject_new") })).toBe("a");
    expect(dropped(rows, { ...limit(3, "drop_newest"), ...tagLimits(2, "drop_oldest") })).toBe("ca");
  });
});
