import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createEnvelope, EnvelopeError } from "../../src/engine/keys/envelope.ts";

const KEY = randomBytes(32);
const OTHER_KEY = randomBytes(32);
const PLAIN = randomBytes(32);

function refusal(open: () => unknown): EnvelopeError {
  try {
    open();
  } catch (error) {
    if (error instanceof EnvelopeError) return error;
    throw error;
  }
  throw new Error("it opened");
}

describe("an envelope with a key", () => {
  const envelope = createEnvelope({ current: KEY });

  it.each([0, 1, 16, 32, 5000])("opens what it sealed, %i bytes", (size) => {
    const plain = randomBytes(size);
    const sealed = envelope.seal("session-salt:1", plain);
    expect(envelope.open("session-salt:1", sealed)).toEqual(plain);
    expect(sealed.length).toBe(size + 1 + 4 + 12 + 16);
  });

  it("shows nothing of the plain bytes and never the same twice", () => {
    const sealed = envelope.seal("p", PLAIN);
    expect(sealed.includes(PLAIN.subarray(0, 8))).toBe(false);
    expect(envelope.seal("p", PLAIN)).not.toEqual(sealed);
    expect(envelope.encrypts).toBe(true);
  });

  it("does not open in another row", () => {
    const sealed = envelope.seal("session-salt:1", PLAIN);
    for (const purpose of ["session-salt:2", "session-salt:", "", "challenge-key:1"]) {
      expect(refusal(() => envelope.open(purpose, sealed)).code).toBe("ERR_ENVELOPE_DAMAGED");
    }
  });

  it("does not open with any bit changed", () => {
    const sealed = envelope.seal("p", PLAIN);
    for (let index = 0; index < sealed.length; index++) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 0x80;
      expect(() => envelope.open("p", changed), `byte ${index}`).toThrow(EnvelopeError);
    }
  });

  it("does not open cut short", () => {
    const sealed = envelope.seal("p", PLAIN);
    for (let length = 0; length < sealed.length; length++) {
      expect(() => envelope.open("p", sealed.subarray(0, length)), `${length} bytes`).toThrow(EnvelopeError);
    }
  });

  it("opens what was stored before there was a key", () => {
    expect(envelope.open("p", createEnvelope({}).seal("p", PLAIN))).toEqual(PLAIN);
  });

  it("says which variable to set when the key is another", () => {
    const error = refusal(() => createEnvelope({ current: OTHER_KEY }).open("p", envelope.seal("p", PLAIN)));
    expect(error.code).toBe("ERR_ENVELOPE_KEY_UNKNOWN");
    expect(error.message).toMatch(/Set ENCRYPTION_KEY .*ENCRYPTION_KEY_PREVIOUS/);
  });
});

describe("an envelope with a previous key", () => {
  const rotated = createEnvelope({ current: OTHER_KEY, previous: KEY });

  it("opens what either sealed, and seals with the current one", () => {
    expect(rotated.open("p", createEnvelope({ current: KEY }).seal("p", PLAIN))).toEqual(PLAIN);
    expect(rotated.open("p", rotated.seal("p", PLAIN))).toEqual(PLAIN);
    expect(createEnvelope({ current: OTHER_KEY }).open("p", rotated.seal("p", PLAIN))).toEqual(PLAIN);
  });
});

describe("an envelope without a key", () => {
  const envelope = createEnvelope({});

  it("keeps the bytes, and says so", () => {
    expect(envelope.encrypts).toBe(false);
    expect(envelope.open("p", envelope.seal("p", PLAIN))).toEqual(PLAIN);
  });

  it("says which variable to set for what is encrypted", () => {
    const error = refusal(() => envelope.open("p", createEnvelope({ current: KEY }).seal("p", PLAIN)));
    expect(error.code).toBe("ERR_ENVELOPE_KEY_MISSING");
    expect(error.message).toContain("Set ENCRYPTION_KEY");
  });
});

it("a key of another length is refused at once", () => {
  expect(() => createEnvelope({ current: randomBytes(16) })).toThrow("32 bytes");
});
