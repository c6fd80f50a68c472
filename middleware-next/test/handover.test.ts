import type { Session } from "@byo-session/core";
import { describe, expect, it } from "vitest";
import { createHandoverSigner, type Handover } from "../src/handover.ts";

const SECRET = "api_for-this-test-only";
const NOW_MS = 1_800_000_000_000;

const session: Session = {
  ...{ sessionId: "s1", userId: "ada", createdAt: 1, expiresAt: 2, authenticatedAt: 1, tags: ["role:admin"] },
  metadata: { name: "Ada – née Byron 🦉" },
  hasDeviceRegistered: true,
  deviceEvidence: "proof",
};
const tokens = [{ token: "byo_sess_one", persistent: true }];
const presented = { token: "byo_sess_one", persistent: true };
const handover: Handover = { outcome: { session, presented }, setsCookie: false, clientIp: "192.0.2.1", options: "{}" };
const place = { method: "GET", path: "/account" };
const destination = { method: "GET", paths: ["/account", "/en/account"] };

function signerAt(nowMs: number, secret = SECRET) {
  return createHandoverSigner(secret, () => nowMs);
}

const seal = (what = handover) => signerAt(NOW_MS).seal(what, destination, tokens);

describe("the word of the proxy to the server", () => {
  it("arrives as it was given, for the same request", async () => {
    const opened = await signerAt(NOW_MS + 29_000).open(await seal(), place);
    expect(opened).toMatchObject(handover);
    expect(await opened?.isAbout(tokens)).toBe(true);
  });

  it("arrives where the request was rewritten to, too", async () => {
    expect(await signerAt(NOW_MS).open(await seal(), { ...place, path: "/en/account" })).toMatchObject(handover);
  });

  it("is one header of harmless characters, and holds no secret of the application", async () => {
    const sealed = await seal();
    expect(sealed).toMatch(/^[\w-]+\.[\w-]+$/);
    expect(atob(sealed.split(".")[0]?.replaceAll("-", "+").replaceAll("_", "/") ?? "")).not.toContain(SECRET);
  });

  it.each([
    ["another path", { ...place, path: "/admin" }],
    ["another method", { ...place, method: "POST" }],
  ])("is nothing for %s", async (_name, elsewhere) => {
    expect(await signerAt(NOW_MS).open(await seal(), elsewhere)).toBeUndefined();
  });

  it("says itself that it is not about other tokens, nor about more or fewer", async () => {
    const opened = await signerAt(NOW_MS).open(await seal(), place);
    const other = { token: "byo_sess_two", persistent: true };
    for (const others of [[other], [...tokens, other], []]) expect(await opened?.isAbout(others)).toBe(false);
  });

  it("serves for 30 seconds, and none that was made in the future", async () => {
    const sealed = await seal();
    expect(await signerAt(NOW_MS + 30_000).open(sealed, place)).toBeUndefined();
    expect(await signerAt(NOW_MS - 1000).open(sealed, place)).toBeUndefined();
  });

  it("is nothing when it was signed with another secret", async () => {
    const forged = await signerAt(NOW_MS, "api_guessed").seal(handover, destination, tokens);
    expect(await signerAt(NOW_MS).open(forged, place)).toBeUndefined();
  });

  it("is nothing when a single character of it was changed", async () => {
    const sealed = await seal();
    for (const at of [0, Math.floor(sealed.length / 2), sealed.indexOf(".") + 1, sealed.length - 3]) {
      const changed = sealed[at] === "A" ? "B" : "A";
      const forged = sealed.slice(0, at) + changed + sealed.slice(at + 1);
      expect(await signerAt(NOW_MS).open(forged, place)).toBeUndefined();
    }
  });

  it.each(["", ".", "..", "a.b.c", "%%%.%%%", "A.A", `${"A".repeat(5000)}.A`, "bnVsbA.", "\u0000.\u0000"])(
    "is nothing when it is %j",
    async (text) => expect(await signerAt(NOW_MS).open(text, place)).toBeUndefined(),
  );

  it("says only that the request was validated when the session is too long for a header", async () => {
    const large = { ...session, metadata: { text: "x".repeat(4000) } };
    const sealed = await seal({ ...handover, outcome: { session: large, presented } });
    expect(sealed.length).toBeLessThanOrEqual(4096);
    const opened = await signerAt(NOW_MS).open(sealed, place);
    expect(opened?.outcome).toEqual({ session: "validated", deviceEvidence: "proof" });
  });
});
