import { expect, test } from "vitest";
import { createReplacedSessions } from "../src/credentials/replaced-sessions.ts";

const presented = (token: string) => [{ token, persistent: true }];
const ofSession = (generation: number) =>
  presented(`byo_sess_${"s".repeat(22)}.0000000${generation}.${"t".repeat(22)}.${"x".repeat(43)}`);

test("every token of the session that was in use, for those that began before", () => {
  const replaced = createReplacedSessions(() => 0);
  const before = replaced.count;
  replaced.add([], ofSession(2)[0]);
  expect(replaced.includesAny(ofSession(1), before)).toBe(true);
  expect(replaced.includesAny([...presented("another"), ...ofSession(3)], before)).toBe(true);
  expect(replaced.includesAny(presented("another"), before)).toBe(false);
  expect(replaced.includesAny(ofSession(1), replaced.count)).toBe(false);
});

test("a presented token that nobody has validated represents only itself, not the session that it names", () => {
  const replaced = createReplacedSessions(() => 0);
  replaced.add(ofSession(2), undefined);
  expect(replaced.includesAny(ofSession(2), 0)).toBe(true);
  expect(replaced.includesAny(ofSession(1), 0)).toBe(false);
});

test("for a minute at least, and not for good", () => {
  let nowMs = 0;
  const replaced = createReplacedSessions(() => nowMs);
  const isKnownAfter = (waitMs: number) => {
    nowMs += waitMs;
    replaced.add(presented("later"), undefined);
    return replaced.includesAny(presented("first"), 0);
  };
  replaced.add(presented("first"), undefined);
  expect([isKnownAfter(61_000), isKnownAfter(59_000), isKnownAfter(61_000)]).toEqual([true, true, false]);
});

test("a flood evicts the oldest: memory stays bounded", () => {
  const replaced = createReplacedSessions(() => 0);
  replaced.add(presented("first"), undefined);
  for (let i = 0; i < 25_000; i++) replaced.add(presented(`flood-${i}`), undefined);
  expect(replaced.includesAny(presented("first"), 0)).toBe(false);
  expect(replaced.includesAny(presented("flood-24999"), 0)).toBe(true);
});
