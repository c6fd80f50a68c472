import { expect, it } from "vitest";
import { END_REASONS, type TimelineEvent } from "../../src/dashboard/contract/sessions.ts";
import { sentenceOf } from "../../src/dashboard/sentences/sentence.ts";

const EVENT: TimelineEvent = {
  id: "1",
  time: 1,
  event: "SessionEnded",
  sessionId: null,
  userId: null,
  tags: [],
  ipAddress: "192.0.2.1",
  userAgent: null,
  device: { displayName: "Chrome 130 on Windows", deviceType: "Desktop" },
  actor: "system",
  reason: null,
  details: null,
  detailDevices: {},
  count: 1,
};

it.each(END_REASONS)("says why a session ended with %s, and more than the word", (reason) => {
  const sentence = sentenceOf({ ...EVENT, reason });
  expect(sentence).toMatch(new RegExp(`^Ended: ${reason}\\. .{15,}\\.$`));
  expect(sentence).not.toMatch(/undefined|null|\[object/);
});

it.each<[Partial<TimelineEvent>, string]>([
  [
    {
      reason: "TokenReused",
      details: { rotatedByIpAddress: "203.0.113.7", rotatedByUserAgent: "x" },
      detailDevices: { rotatedByUserAgent: { displayName: "Safari 17 on macOS", deviceType: "Desktop" } },
    },
    "Ended: TokenReused. A token that had been replaced was used again from Chrome 130 on Windows at 192.0.2.1, so two parties held this session; the newer one was used by Safari 17 on macOS at 203.0.113.7.",
  ],
  [
    { event: "DeviceForgotten", reason: "DeviceLimit", details: { deviceId: "x" } },
    "A remembered device was forgotten: the policy limits how many this user can have.",
  ],
  [{ event: "DeviceForgotten", actor: "key:1" }, "A remembered device was forgotten by the application."],
  [
    { reason: "LoggedOut", actor: "user", details: { cause: "Replaced" } },
    "Ended: LoggedOut. The same browser logged in again, which made a new session.",
  ],
  [{ reason: "Revoked", actor: "key:1" }, "Ended: Revoked. Ended by the application."],
  [
    { reason: "Revoked", actor: "dashboard:nia", details: { bulk: "tag org:acme" } },
    "Ended: Revoked. Ended by nia, with all sessions of tag org:acme.",
  ],
  [
    { event: "SessionRefused", reason: "DeviceVerificationRequired", count: 7 },
    "A request was refused from Chrome 130 on Windows at 192.0.2.1: it had no proof of the device key. This happened 7 times within a minute.",
  ],
  [{ event: "SessionRefused", reason: "ANewOne", device: null }, "A request was refused from 192.0.2.1: ANewOne."],
  [{ event: "SomethingNew" }, "An event that this version does not know: SomethingNew."],
  [
    { event: "RotationConfirmed" },
    "The new token was used from Chrome 130 on Windows at 192.0.2.1; the old one stops working soon.",
  ],
  [
    { event: "SessionCreated", details: { newDeviceDetected: true, lifetimeSecs: 129_600 } },
    "Logged in from Chrome 130 on Windows at 192.0.2.1, from a new device, for at most 1 day 12 hours.",
  ],
  [
    {
      event: "SessionsExported",
      actor: "dashboard:nia",
      details: { target: { userId: "ada", tag: ["org:a", "org:b"], bound: false, createdFrom: 1_700_000_000 } },
    },
    "A list of sessions was exported by nia: user ada, tag org:a and org:b, bound to a device: no, logged in from 2023-11-14 22:13 UTC.",
  ],
  [
    { event: "TimelineExported", actor: "dashboard:nia", details: { target: { userId: "ada" } } },
    "A timeline was exported by nia: user ada.",
  ],
  [
    { event: "DeviceForgottenForAll", actor: "dashboard:nia", details: { target: "AbC", users: 2 } },
    "The device AbC was forgotten for 2 users by nia.",
  ],
  [
    {
      event: "DashboardUserChanged",
      actor: "dashboard:owner",
      details: { target: "nia", before: { role: "Editor" }, after: { role: "Admin" } },
    },
    "nia was changed from Editor to Admin by owner.",
  ],
])("says %j", (event, sentence) => {
  expect(sentenceOf({ ...EVENT, ...event })).toBe(sentence);
});
