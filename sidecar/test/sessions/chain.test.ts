import { createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hashOfSecret, isGenuine, isSecretOf, tokenAfter, tokenAt } from "../../src/engine/sessions/token/chain.ts";
import { positionOf, UNKNOWN_HASH } from "../../src/engine/sessions/token/position.ts";
import type { SessionToken } from "../../src/engine/sessions/token/session-token.ts";
import { ID, LOGIN_MS, pendingAfter, rowWith, SALT, tokenOf } from "./fixtures.ts";

describe("the chain of a session's tokens", () => {
  it("derives each secret from the one before: HMAC-SHA256(salt, secret, generation)", () => {
    const secret = Buffer.alloc(32, 1);
    const expected = createHmac("sha256", SALT)
      .update(secret)
      .update(Buffer.from([0, 0, 0, 1]))
      .digest();
    expect(tokenAfter(SALT, tokenAt(SALT, ID, 1, secret), 2)?.secret).toEqual(expected);
  });

  it('marks each token with 16 bytes of HMAC-SHA256(salt, "tag", id, generation, secret)', () => {
    const { tag, secret } = tokenOf(3);
    const id = Buffer.from(ID.replaceAll("-", ""), "hex");
    const expected = createHmac("sha256", SALT)
      .update("tag")
      .update(id)
      .update(Buffer.from([0, 0, 0, 3]))
      .update(secret);
    expect(tag).toEqual(expected.digest().subarray(0, 16));
  });

  it("is the same whether it is walked in one step or in many", () => {
    const direct = tokenAfter(SALT, tokenOf(1), 20);
    let token: SessionToken | undefined = tokenOf(1);
    for (let gen = 2; gen <= 20; gen++) token = token && tokenAfter(SALT, token, gen);
    expect(direct).toEqual(token);
  });

  it("is another one under another salt", () => {
    const other = Buffer.alloc(32, 8);
    expect(tokenAfter(other, tokenOf(1), 2)?.secret).not.toEqual(tokenOf(2).secret);
    expect(isGenuine(other, tokenOf(1))).toBe(false);
  });

  it("is followed for 512 steps and no further, and never backwards", () => {
    const token = tokenOf(1);
    expect(tokenAfter(SALT, token, 1)).toEqual(token);
    expect(tokenAfter(SALT, token, 513)?.gen).toBe(513);
    expect(tokenAfter(SALT, token, 514)).toBeUndefined();
    expect(tokenAfter(SALT, tokenOf(2), 1)).toBeUndefined();
  });

  it("knows its own tokens by their tags, each part of them", () => {
    const token = tokenOf(2);
    expect(isGenuine(SALT, token)).toBe(true);
    const flipped = (bytes: Buffer) => Buffer.from(bytes.map((byte, index) => (index === 15 ? byte ^ 1 : byte)));
    for (const forged of [
      { ...token, gen: 3 },
      { ...token, id: ID.replace("5", "6") },
      { ...token, secret: flipped(token.secret) },
      { ...token, tag: flipped(token.tag) },
    ]) {
      expect(isGenuine(SALT, forged)).toBe(false);
    }
  });

  it("compares secrets by their SHA-256", () => {
    const { secret } = tokenOf(1);
    expect(hashOfSecret(secret)).toEqual(createHash("sha256").update(secret).digest());
    expect(isSecretOf(hashOfSecret(secret), secret)).toBe(true);
    expect(isSecretOf(hashOfSecret(tokenOf(2).secret), secret)).toBe(false);
    expect(isSecretOf(null, secret)).toBe(false);
  });
});

describe("the position of a token", () => {
  const salt = () => SALT;
  const now = LOGIN_MS + 1000;

  it.each([
    ["current", 5, {}],
    ["successor", 6, pendingAfter(5, LOGIN_MS)],
    ["ahead", 6, {}],
    ["ahead", 7, pendingAfter(5, LOGIN_MS)],
    ["ahead", 500, {}],
    ["ahead", 5, { curHash: UNKNOWN_HASH }],
    ["stale", 4, { curHash: UNKNOWN_HASH }],
    ["previous", 4, { prevUntil: now }],
    ["stale", 4, { prevUntil: now - 1 }],
    ["stale", 4, { prevUntil: null }],
    ["stale", 3, { prevUntil: now }],
    ["stale", 1, { prevUntil: now }],
  ] as const)("is %s for the genuine token of generation %i", (position, gen, changes) => {
    expect(positionOf(rowWith({ gen: 5, now, ...changes }), tokenOf(gen), salt)).toBe(position);
  });

  it.each([3, 4, 5, 6, 7, 500])("is forged for a secret that was never issued, at generation %i", (gen) => {
    const row = rowWith({ now, prevUntil: now, ...pendingAfter(5, LOGIN_MS) });
    const invented = { ...tokenOf(gen), secret: Buffer.alloc(32, 9) };
    expect(positionOf(row, invented, salt)).toBe("forged");
    expect(positionOf({ ...row, curHash: UNKNOWN_HASH, nextHash: null }, invented, salt)).toBe("forged");
  });

  it("is forged within the grace for a good tag alone: who has read the salt has not got the secret", () => {
    const row = rowWith({ gen: 5, now, prevUntil: now });
    expect(positionOf(row, tokenAt(SALT, ID, 4, Buffer.alloc(32, 9)), salt)).toBe("forged");
  });

  it("is forged for another successor than the pending one, even with a good tag", () => {
    const row = rowWith({ now, ...pendingAfter(5, LOGIN_MS) });
    expect(positionOf(row, tokenAt(SALT, ID, 6, Buffer.alloc(32, 9)), salt)).toBe("forged");
    expect(positionOf(row, tokenAt(SALT, ID, 5, Buffer.alloc(32, 9)), salt)).toBe("forged");
  });

  it("is forged for a genuine secret under another generation", () => {
    const row = rowWith({ now, prevUntil: now, ...pendingAfter(5, LOGIN_MS) });
    for (const gen of [4, 6]) expect(positionOf(row, { ...tokenOf(5), gen }, salt)).toBe("forged");
  });

  it("is known for the current token and its successor without opening the salt", () => {
    const closed = () => {
      throw new Error("the salt was opened");
    };
    const row = rowWith(pendingAfter(5, LOGIN_MS));
    expect(positionOf(row, tokenOf(5), closed)).toBe("current");
    expect(positionOf(row, tokenOf(6), closed)).toBe("successor");
  });
});
