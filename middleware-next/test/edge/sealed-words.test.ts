import { describe, expect, it } from "vitest";
import { createSealedWords } from "../../src/edge/sealed-words.ts";
import { ELSEWHERE, OTHER_TOKENS, outcome, place, presented, session, tokens, word } from "../words.ts";

const SECRET = "api_for-this-test-only";
const NOW_MS = 1_800_000_000_000;

const wordsAt = (nowMs: number, secret = SECRET) => createSealedWords(secret, () => nowMs);

async function sealed(what = word): Promise<string> {
  return (await wordsAt(NOW_MS).seal(what)) ?? "";
}

describe("a word in a header", () => {
  it("arrives unchanged, for the same request", async () => {
    const opened = await wordsAt(NOW_MS + 9000).open(await sealed(), place);
    expect(opened).toMatchObject({ method: "GET", setsCookie: true });
    expect(await opened?.recall(tokens)).toEqual(outcome);
    expect(await wordsAt(NOW_MS).open(await sealed(), { ...place, target: "/en/account?a=1" })).toBeDefined();
  });

  it("arrives when there is no session, with the reason", async () => {
    const anonymous = { session: null, reason: "Revoked" } as const;
    const opened = await wordsAt(NOW_MS).open(
      await sealed({ ...word, finding: { tokens, outcome: anonymous } }),
      place,
    );
    expect(await opened?.recall(tokens)).toEqual(anonymous);
  });

  it("is harmless characters, and unreadable", async () => {
    const value = await sealed();
    expect(value).toMatch(/^[\w-]+(?:\.[\w-]+){4}$/);
    const bytes = value.split(".").map((part) => Buffer.from(part, "base64url").toString("latin1"));
    for (const text of ["ada", "GET", "/account", SECRET, ...tokens.map(({ token }) => token)]) {
      expect(bytes.join("\n")).not.toContain(text);
    }
    expect(await sealed()).not.toBe(value);
  });

  it.each(ELSEWHERE)("is worth nothing to %s", async (_name, elsewhere) => {
    const opened = await wordsAt(NOW_MS).open(await sealed(), elsewhere);
    expect(await opened?.recall(tokens)).toBeUndefined();
  });

  it("says nothing about other tokens, nor about more or fewer or another order", async () => {
    const opened = await wordsAt(NOW_MS).open(await sealed(), place);
    for (const others of OTHER_TOKENS) expect(await opened?.recall(others)).toBeUndefined();
  });

  it("works for ten whole seconds, and never if it was made in the future", async () => {
    const value = await sealed();
    expect(await wordsAt(NOW_MS + 11_000).open(value, place)).toBeUndefined();
    expect(await wordsAt(NOW_MS - 1000).open(value, place)).toBeUndefined();
  });

  it("is invalid if it was sealed with another secret, or a single character was changed", async () => {
    const value = await sealed();
    expect(await wordsAt(NOW_MS, "api_guessed").open(value, place)).toBeUndefined();
    for (const at of [0, Math.floor(value.length / 2), value.indexOf(".") + 1, 35, value.length - 3]) {
      const forged = value.slice(0, at) + (value[at] === "A" ? "B" : "A") + value.slice(at + 1);
      expect(await wordsAt(NOW_MS).open(forged, place)).toBeUndefined();
    }
  });

  it.each(["", ".", "A", "....", "A.A.A.A.A", "%.%.%.%.%", `${"A".repeat(64)}.A.A.A.A`, `${"A".repeat(5000)}.A.A.A.A`])(
    "is nothing when it is %j",
    async (text) => expect(await wordsAt(NOW_MS).open(text, place)).toBeUndefined(),
  );

  it("says only that the request was validated when the session is too long for a header", async () => {
    const large = { session: { ...session, metadata: { text: "x".repeat(4000) } }, presented };
    const value = await sealed({ ...word, finding: { tokens, outcome: large } });
    expect(value.length).toBeLessThanOrEqual(4096);
    const opened = await wordsAt(NOW_MS).open(value, place);
    expect(await opened?.recall(tokens)).toEqual({ session: "validated", deviceEvidence: "proof" });
  });

  it("has the token of a session that started in the proxy, which the request does not present", async () => {
    const begun = { session, presented: { token: "byo_sess_new", persistent: true } };
    const opened = await wordsAt(NOW_MS).open(await sealed({ ...word, finding: { tokens, outcome: begun } }), place);
    expect(await opened?.recall(tokens)).toEqual(begun);
  });

  it("is not given without a secret", async () => {
    expect(await createSealedWords(undefined, Date.now).seal(word)).toBeUndefined();
  });
});
