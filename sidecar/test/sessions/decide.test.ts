import { describe, expect, it, vi } from "vitest";
import { CidrSet } from "../../src/engine/policy/ip-address.ts";
import type { Policy } from "../../src/engine/policy/policy.ts";
import type { DeviceEvidence } from "../../src/engine/sessions/attempt.ts";
import { pairOf } from "../../src/engine/sessions/client-pairs.ts";
import type { SessionRow } from "../../src/engine/sessions/session.ts";
import { decide } from "../../src/engine/sessions/validate/decide.ts";
import {
  attemptWith,
  type Brought,
  HOUR_MS,
  LOGIN_MS,
  pendingAfter,
  policyWith,
  rowWith,
  SALT,
  tokenOf,
} from "./fixtures.ts";

const CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const NEWER_CHROME = CHROME.replace("140", "141");
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const PLAYER = "VLC/3.0.21 LibVLC/3.0.21";
const HOME = { ipAddress: "203.0.113.9", userAgent: CHROME };
const AWAY = { ipAddress: "198.51.100.7", userAgent: CHROME };
const DAY_MS = 24 * HOUR_MS;

const PROVED: DeviceEvidence = { kind: "proved" };
const IGNORED: DeviceEvidence = { kind: "ignored" };
const UNPROVED: DeviceEvidence = { kind: "refused", error: { type: "DeviceVerificationRequired" } };
const DEVICE = { deviceThumbprint: "thumbprint" };
const STALE = { gen: 3, prevUntil: null };
/** What is encrypted begins with 1. */
const ENCRYPTED = { gen: 3, salt: Buffer.alloc(32, 1) };
const ADOPTED = { ...ENCRYPTED, adoptedAt: LOGIN_MS };

interface Case {
  row?: Partial<SessionRow>;
  policy?: Partial<Policy>;
  presented?: Partial<Brought>;
}

function decided({ row, policy, presented }: Case) {
  return decide(attemptWith(rowWith(row), policyWith(policy), presented));
}

describe("what a validation decides", () => {
  const refusals: [string, Case, string, string?][] = [
    ["a forged token", { presented: { token: { ...tokenOf(1), secret: Buffer.alloc(32) } } }, "NotFound"],
    [
      "a forged token of an ended session",
      { row: { endReason: "LoggedOut" }, presented: { token: { ...tokenOf(9), secret: Buffer.alloc(32) } } },
      "NotFound",
    ],
    ["a session that is over", { row: { endReason: "Revoked" } }, "Revoked"],
    ["a session that is over, by an old token", { row: { ...STALE, endReason: "SessionLimit" } }, "SessionLimit"],
    [
      "a session that is over, though the proof is missing",
      { row: { ...DEVICE, endReason: "LoggedOut" }, presented: { device: UNPROVED } },
      "LoggedOut",
    ],
    ["a missing proof", { row: DEVICE, presented: { device: UNPROVED } }, "DeviceVerificationRequired"],
    ["a session that needs a device", { policy: { require_device: "any" } }, "DeviceVerificationRequired"],
    [
      "a stale token of a session with a device, not proved",
      { row: { ...DEVICE, ...STALE }, presented: { device: UNPROVED } },
      "DeviceVerificationRequired",
    ],
    [
      "a stale token where the device is ignored",
      { row: { ...DEVICE, ...STALE }, presented: { device: IGNORED } },
      "DeviceVerificationRequired",
    ],
    ["an invalid address", { presented: { isIpMalformed: true } }, "IpAddressMalformed"],
    ["no address, where the login had one", { row: { ipAddress: HOME.ipAddress } }, "IpAddressMissing"],
    [
      "no address, where a list needs one",
      { policy: { ip_blocklist: CidrSet.of(["192.0.2.0/24"]) } },
      "IpAddressMissing",
    ],
    [
      "a blocked address",
      { policy: { ip_blocklist: CidrSet.of(["203.0.113.0/24"]) }, presented: HOME },
      "IpAddressBlocked",
    ],
    [
      "an address that is not allowed",
      { policy: { ip_allowlist: CidrSet.of(["192.0.2.0/24"]) }, presented: HOME },
      "IpAddressNotAllowed",
    ],
    ["a missing tag", { row: { tags: ["a:b"] }, presented: { requiredTags: ["a:b", "c:d"] } }, "MissingRequiredTag"],
    ["no user agent, where the login had one", { row: { userAgent: CHROME } }, "UserAgentMissing"],
    [
      "a media player beside the browser of the login",
      { row: { userAgent: CHROME }, presented: { userAgent: PLAYER } },
      "UserAgentNoBrowser",
    ],
    [
      "a media player where two clients in turn would end the session",
      {
        row: { userAgent: CHROME },
        policy: { user_agent_check: "flag", on_shared_session: "end" },
        presented: { ...HOME, userAgent: PLAYER },
      },
      "UserAgentNoBrowser",
    ],
    [
      "a client that ignores its successor",
      { row: { ...pendingAfter(1, LOGIN_MS, 3), now: LOGIN_MS + DAY_MS + 1 } },
      "SuccessorIgnored",
    ],
    [
      "another address where the device is ignored: nothing ends",
      {
        row: { ...DEVICE, ipAddress: HOME.ipAddress },
        policy: { disallow_ip_address_changes: true },
        presented: { ...AWAY, device: IGNORED },
      },
      "IpAddressChanged",
    ],
    [
      "another user agent where the device is ignored: nothing ends",
      {
        row: { ...DEVICE, userAgent: CHROME },
        policy: { user_agent_check: "enforce" },
        presented: { ...HOME, userAgent: FIREFOX, device: IGNORED },
      },
      "UserAgentChanged",
    ],
  ];
  it.each(refusals)("refuses %s", (_, input, reason) => {
    expect(decided(input)).toMatchObject({ kind: "refuse", reason, unknown: reason === "NotFound" });
  });

  const shared = { clientPair: pairOf(AWAY) ?? null, otherPair: pairOf(HOME) ?? null };
  const ends: [string, Case, string][] = [
    ["at a stale token, whatever program brings it", { row: STALE, presented: { userAgent: PLAYER } }, "TokenReused"],
    [
      "at a media player of another system",
      { row: { userAgent: CHROME }, presented: { userAgent: "AppleCoreMedia/1.0.0.22B83 (iPhone; U; CPU OS 18_1)" } },
      "UserAgentChanged",
    ],
    ["at the absolute end", { row: { now: LOGIN_MS + 14 * DAY_MS } }, "Expired"],
    [
      "at a shorter absolute end than at login",
      { row: { now: LOGIN_MS + 1000 }, policy: { absolute_lifetime_secs: 1 } },
      "Expired",
    ],
    ["at its absolute end, whatever else", { row: { ...STALE, now: LOGIN_MS + 14 * DAY_MS } }, "Expired"],
    [
      "at its absolute end, with a device and without a proof",
      { row: { ...DEVICE, now: LOGIN_MS + 14 * DAY_MS }, presented: { device: UNPROVED } },
      "Expired",
    ],
    ["after its inactivity timeout", { policy: { inactivity_timeout_secs: 60 } }, "Inactive"],
    ["when a stale token comes", { row: STALE }, "TokenReused"],
    [
      "when a newer token comes and the salt is not encrypted",
      { row: STALE, presented: { token: tokenOf(5) } },
      "Revoked",
    ],
    [
      "when a second newer token comes after the grace of the first",
      { row: { ...ADOPTED, prevUntil: LOGIN_MS }, presented: { token: tokenOf(5) } },
      "TokenReused",
    ],
    [
      "when a stale token comes, before its address is compared",
      { row: { ...STALE, ipAddress: HOME.ipAddress }, policy: { disallow_ip_address_changes: true }, presented: AWAY },
      "TokenReused",
    ],
    [
      "when its address changes",
      { row: { ipAddress: HOME.ipAddress }, policy: { disallow_ip_address_changes: true }, presented: AWAY },
      "IpAddressChanged",
    ],
    [
      "when the address of a proved device changes",
      {
        row: { ...DEVICE, ipAddress: HOME.ipAddress },
        policy: { disallow_ip_address_changes: true },
        presented: { ...AWAY, device: PROVED },
      },
      "IpAddressChanged",
    ],
    [
      "when its user agent changes",
      { row: { userAgent: CHROME }, presented: { userAgent: FIREFOX } },
      "UserAgentChanged",
    ],
    [
      "when two clients take turns, where the policy says so",
      { row: shared, policy: { on_shared_session: "end" }, presented: HOME },
      "TokenReused",
    ],
  ];
  it.each(ends)("ends a session %s", (_, input, reason) => {
    expect(decided(input)).toMatchObject({ kind: "end", reason });
  });

  const QUIET = { rotation: { change: "none", answer: "none" }, userAgent: "same", shared: false };
  const ADOPTS = { position: "ahead", rotation: { change: "adopt", answer: "none" } };
  const NEWER = { token: tokenOf(5) };
  const acceptances: [string, Case, object][] = [
    ["a token that the database has lost", { row: ENCRYPTED, presented: NEWER }, ADOPTS],
    [
      "another one within the grace of the first",
      { row: { ...ADOPTED, prevUntil: LOGIN_MS + DAY_MS }, presented: NEWER },
      ADOPTS,
    ],
    [
      "the successor of one that was adopted",
      { row: { ...ADOPTED, prevUntil: LOGIN_MS }, presented: { token: tokenOf(4) } },
      ADOPTS,
    ],
    [
      "a token that the database has lost, with a proof, whatever else is known",
      { row: { ...STALE, ...DEVICE, adoptedAt: LOGIN_MS }, presented: { ...NEWER, device: PROVED } },
      ADOPTS,
    ],
    ["the current token", {}, { position: "current", ...QUIET, pairs: undefined }],
    [
      "the token before, within the grace",
      { row: { gen: 2, prevUntil: LOGIN_MS + HOUR_MS } },
      { position: "previous", ...QUIET },
    ],
    [
      "the successor, and confirms it",
      { row: pendingAfter(1, LOGIN_MS), presented: { token: tokenOf(2) } },
      { position: "successor", rotation: { change: "confirm", answer: "none" } },
    ],
    [
      "a stale token of a proved device, and exchanges it",
      { row: { ...DEVICE, ...STALE }, presented: { device: PROVED } },
      { position: "stale", rotation: { change: "none", answer: "current" } },
    ],
    [
      "a due token where the device is ignored, and leaves it",
      { row: { ...DEVICE, now: LOGIN_MS + DAY_MS }, presented: { device: IGNORED } },
      { position: "current", ...QUIET },
    ],
    ["a last moment before the absolute end", { row: { now: LOGIN_MS + 14 * DAY_MS - 1 } }, { position: "current" }],
    ["a last moment before the timeout", { policy: { inactivity_timeout_secs: 61 } }, { position: "current" }],
    [
      "an address where the login had none",
      { policy: { disallow_ip_address_changes: true }, presented: HOME },
      { userAgent: "same" },
    ],
    [
      "a newer version of the browser",
      { row: { userAgent: CHROME }, presented: { ...HOME, userAgent: NEWER_CHROME } },
      { userAgent: "upgraded" },
    ],
    [
      "a newer version where the device is ignored, and does not take it on",
      { row: { ...DEVICE, userAgent: CHROME }, presented: { ...HOME, userAgent: NEWER_CHROME, device: IGNORED } },
      { userAgent: "same" },
    ],
    [
      "another browser of a device, and flags it",
      { row: { ...DEVICE, userAgent: CHROME }, presented: { ...HOME, userAgent: FIREFOX, device: PROVED } },
      { userAgent: "flagged" },
    ],
    [
      "another browser where the check is off",
      { row: { userAgent: CHROME }, policy: { user_agent_check: "off" }, presented: { ...HOME, userAgent: FIREFOX } },
      { userAgent: "same" },
    ],
    ["two clients in turn, and flags them", { row: shared, presented: HOME }, { shared: true }],
    [
      "two clients in turn where that is off",
      { row: shared, policy: { on_shared_session: "off" }, presented: HOME },
      { shared: false, pairs: undefined },
    ],
    [
      "two clients in turn of a proved device, whatever the policy",
      { row: { ...DEVICE, ...shared }, policy: { on_shared_session: "end" }, presented: { ...HOME, device: PROVED } },
      { shared: true },
    ],
    [
      "the first client, and remembers it",
      { presented: HOME },
      { pairs: { clientPair: pairOf(HOME), otherPair: null } },
    ],
  ];
  it.each(acceptances)("accepts %s", (_, input, expected) => {
    expect(decided(input)).toMatchObject({ kind: "accept", ...expected });
  });

  it("says what an application can switch on", () => {
    const missing = decided({ presented: { requiredTags: ["c:d"] } });
    expect(missing).toMatchObject({ error: { type: "InvalidSessionToken", details: "MissingRequiredTag: c:d" } });
    const ignoring = decided({ row: { ...pendingAfter(1, LOGIN_MS, 3), now: LOGIN_MS + 2 * DAY_MS } });
    expect(ignoring).toMatchObject({
      error: { type: "InvalidSessionToken", details: expect.stringMatching(/^Expired: /) },
    });
  });

  it("opens the salt only for old tokens, and once", () => {
    const open = vi.fn(() => SALT);
    expect(decide(attemptWith(rowWith(), policyWith(), {}, open)).kind).toBe("accept");
    expect(open).not.toHaveBeenCalled();
    const stale = attemptWith(rowWith(STALE), policyWith(), {}, open);
    expect(decide(stale)).toMatchObject({ kind: "end", reason: "TokenReused" });
    stale.salt();
    expect(open).toHaveBeenCalledTimes(1);
  });
});
