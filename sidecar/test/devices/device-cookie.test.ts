import { createSecretKey } from "node:crypto";
import { expect, it } from "vitest";
import type { ChallengeKey } from "../../src/engine/devices/challenge.ts";
import { createDeviceCookies, MAX_COOKIE_SECS } from "../../src/engine/devices/device-cookie.ts";

const KEY: ChallengeKey = { id: 7, secret: createSecretKey(Buffer.alloc(32, 1)) };
const OTHER: ChallengeKey = { id: 8, secret: createSecretKey(Buffer.alloc(32, 2)) };
const SUBJECT = { sessionId: "abcdefghijklmnopqrstuv", thumbprint: "T".repeat(43) };
const NOW = 1_800_000_000;

const at = (nowSecs: number, keys = [KEY]) => createDeviceCookies({ keys, nowSecs });

it("is good for its session and its key until its end, on every replica that has the key", () => {
  const cookie = at(NOW).issue(SUBJECT, 600);
  expect(cookie).toMatch(/^[\w-]{60}$/);
  expect(at(NOW).secondsLeft(cookie, SUBJECT, 600)).toBe(600);
  expect(at(NOW + 599, [OTHER, KEY]).secondsLeft(cookie, SUBJECT, 600)).toBe(1);
  expect(at(NOW + 600).secondsLeft(cookie, SUBJECT, 600)).toBe(0);
  expect(at(NOW, [OTHER]).secondsLeft(cookie, SUBJECT, 600)).toBe(0);
});

it("is worthless with another session or another device key", () => {
  const cookie = at(NOW).issue(SUBJECT, 600);
  const others = [
    { ...SUBJECT, sessionId: "abcdefghijklmnopqrstuw" },
    { ...SUBJECT, thumbprint: `${"T".repeat(42)}U` },
  ];
  for (const subject of others) expect(at(NOW).secondsLeft(cookie, subject, 600)).toBe(0);
});

it("ends earlier when the policy has been tightened since, and never later", () => {
  const cookie = at(NOW).issue(SUBJECT, 600);
  expect(at(NOW + 30).secondsLeft(cookie, SUBJECT, 60)).toBe(30);
  expect(at(NOW + 60).secondsLeft(cookie, SUBJECT, 60)).toBe(0);
  expect(at(NOW + 600).secondsLeft(cookie, SUBJECT, 3600)).toBe(0);
});

it("lives no longer than the challenge keys are kept", () => {
  const cookie = at(NOW).issue(SUBJECT, 100_000);
  expect(at(NOW + MAX_COOKIE_SECS).secondsLeft(cookie, SUBJECT, 100_000)).toBe(0);
});

it("accepts no text in which a single character differs, and no other length", () => {
  const cookie = at(NOW).issue(SUBJECT, 600);
  for (let i = 0; i < cookie.length; i++) {
    const changed = `${cookie.slice(0, i)}${cookie[i] === "A" ? "B" : "A"}${cookie.slice(i + 1)}`;
    expect(at(NOW).secondsLeft(changed, SUBJECT, 600)).toBe(0);
  }
  for (const text of ["", `${cookie}A`, cookie.slice(1), ` ${cookie}`, "é".repeat(60)]) {
    expect(at(NOW).secondsLeft(text, SUBJECT, 600)).toBe(0);
  }
});
