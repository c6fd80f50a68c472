import { describe, expect, it } from "vitest";
import { createBackOff, type Try } from "../../src/dashboard/access/back-off.ts";

function at(nowMs: { value: number }) {
  const backOff = createBackOff(() => nowMs.value);
  return (account: string, address: string, isKnown = false): Try => backOff.begin(account, address, isKnown);
}

function kinds(tries: Try[]): string[] {
  return tries.map(({ kind }) => kind);
}

describe("createBackOff", () => {
  it("lets three attempts at an account from an address pass, then waits longer and longer, at most a minute", () => {
    const now = { value: 0 };
    const begin = at(now);
    expect(kinds([begin("a", "1.1.1.1"), begin("a", "1.1.1.1"), begin("a", "1.1.1.1"), begin("a", "1.1.1.1")])).toEqual(
      ["accepted", "accepted", "accepted", "refused"],
    );
    const waits: number[] = [];
    for (let tries = 0; tries < 10; tries++) {
      const refused = begin("a", "1.1.1.1", true);
      if (refused.kind !== "refused") throw new Error("expected a refusal");
      waits.push(refused.waitSecs);
      now.value += refused.waitSecs * 1000;
      expect(begin("a", "1.1.1.1", true).kind).toBe("accepted");
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
  });

  it("counts pending attempts: a thousand at once are not one", () => {
    const begin = at({ value: 0 });
    const tries = Array.from({ length: 1000 }, (_, account) => begin(`a${account}`, "1.1.1.1"));
    expect(tries.filter(({ kind }) => kind === "accepted")).toHaveLength(10);
  });

  it("treats an IPv6 /64 as one address", () => {
    const begin = at({ value: 0 });
    const tries = [1, 2, 3, 4].map((host) => begin("a", `2001:db8:1:2::${host}`));
    expect(kinds(tries).at(-1)).toBe("refused");
    expect(begin("a", "2001:db8:1:3::1").kind).toBe("accepted");
  });

  it("forgets an account after a success, but not what an address did to others", () => {
    const begin = at({ value: 0 });
    for (let tries = 0; tries < 20; tries++) {
      const own = begin("own", "1.1.1.1");
      if (own.kind === "accepted") own.succeeded();
      begin(`victim-${tries}`, "1.1.1.1");
    }
    expect(begin("victim", "1.1.1.1").kind).toBe("refused");
  });

  it("delays strangers to an account one after the other, and nobody who is known there", () => {
    const begin = at({ value: 0 });
    const delays = Array.from({ length: 13 }, (_, host) => begin("a", `10.0.0.${host}`)).map((attempt) =>
      attempt.kind === "accepted" ? attempt.delayMs : -1,
    );
    expect(delays).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 250, 750, 1500]);
    expect(begin("a", "192.0.2.1", true)).toMatchObject({ kind: "accepted", delayMs: 0 });
  });
});
