import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  formatSessionToken,
  isSessionId,
  newSessionId,
  parseSessionToken,
  type SessionToken,
} from "../../src/engine/sessions/token/session-token.ts";

function randomToken(gen: number): SessionToken {
  return { id: newSessionId(randomBytes(16)), gen, tag: randomBytes(16), secret: randomBytes(32) };
}

describe("the form of a session token", () => {
  it.each([1, 2, 255, 256, 0x7fffffff])("is the same at every generation: %i", (gen) => {
    const token = randomToken(gen);
    const text = formatSessionToken(token);
    expect(text).toMatch(/^byo_sess_[\w-]{22}\.[0-9a-f]{8}\.[\w-]{22}\.[\w-]{43}$/);
    expect(parseSessionToken(text)).toEqual(token);
  });

  const good = formatSessionToken(randomToken(1));
  it.each([
    ["nothing", ""],
    ["another prefix", good.replace("byo_sess_", "byo_dash_")],
    ["a shorter secret", good.slice(0, -1)],
    ["a longer secret", `${good}A`],
    ["padding", `${good}=`],
    ["another alphabet", `${good.slice(0, -2)}+/`],
    ["a generation in capitals", good.replace(".00000001.", ".0000000A.")],
    ["a generation that is no number", good.replace(".00000001.", ".0000000g.")],
    ["a generation with a sign", good.replace(".00000001.", ".-0000001.")],
    ["another separator", good.replaceAll(".", ":")],
    ["three parts", good.split(".").slice(0, 3).join(".")],
    ["whitespace around it", ` ${good}`],
    ["a line break behind it", `${good}\n`],
    ["a long text", "byo_sess_".repeat(1000)],
  ])("is nothing else: %s", (_, text) => {
    expect(parseSessionToken(text)).toBeUndefined();
  });

  it("has one spelling: the spare bits of each part are zero", () => {
    const token = { ...randomToken(1), tag: Buffer.alloc(16), secret: Buffer.alloc(32) };
    const text = formatSessionToken(token);
    for (const spelling of [`${text.slice(0, -1)}B`, text.replace(/A\.A{43}$/, `B.${"A".repeat(43)}`)]) {
      expect(spelling).not.toBe(text);
      expect(parseSessionToken(spelling)).toBeUndefined();
    }
  });
});

describe("a session id", () => {
  it("is a version 4 UUID of all the randomness it is given", () => {
    expect(newSessionId(Buffer.alloc(16, 0xff))).toBe("ffffffff-ffff-4fff-bfff-ffffffffffff");
    expect(newSessionId(Buffer.alloc(16))).toBe("00000000-0000-4000-8000-000000000000");
  });

  it("leaves the bytes that it is made of alone", () => {
    const random = Buffer.alloc(16, 0xff);
    newSessionId(random);
    expect(random).toEqual(Buffer.alloc(16, 0xff));
  });

  it("has one spelling", () => {
    const id = newSessionId(randomBytes(16));
    expect(isSessionId(id)).toBe(true);
    for (const other of [`{${id}}`, id.replaceAll("-", ""), `${id} `, `F${id.slice(1)}`, ""]) {
      expect(isSessionId(other)).toBe(false);
    }
  });
});
