import { expect, test } from "vitest";
import { createReplacedSessions } from "../src/replaced-sessions.ts";

const presented = (token: string) => [{ token, persistent: true }];
const ofSession = (generation: number) =>
  presented(`byo_sess_${"s".repeat(22)}.0000000${generation}.${"t".repeat(22)}.${"x".repeat(43)}`);

test("every token of the session that was in use, for a minute at least and not for good", () => {
  let nowMs = 0;
  const replaced = createReplacedSessions(() => nowMs);
  nowMs = 59_000;
  replaced.add([], ofSession(2)[0]);
  nowMs += 60_000;
  expect(replaced.includesAny(ofSession(1))).toBe(true);
  expect(replaced.includesAny(presented("another"))).toBe(false);
  expect(replaced.includesAny([...presented("another"), ...ofSession(3)])).toBe(true);
  nowMs += 60_000;
  expect(replaced.includesAny(ofSession(1))).toBe(false);
});

test("a presented token that nobody has validated stands for itself, not for the session that it names", () => {
  const replaced = createReplacedSessions(() => 0);
  replaced.add(ofSession(2), undefined);
  expect(replaced.includesAny(ofSession(2))).toBe(true);
  expect(replaced.includesAny(ofSession(1))).toBe(false);
});

test("a flood pushes the oldest out, and memory stays bounded", () => {
  const replaced = createReplacedSessions(() => 0);
  replaced.add(presented("first"), undefined);
  for (let i = 0; i < 25_000; i++) replaced.add(presented(`flood-${i}`), undefined);
  expect(replaced.includesAny(presented("first"))).toBe(false);
  expect(replaced.includesAny(presented("flood-24999"))).toBe(true);
});
