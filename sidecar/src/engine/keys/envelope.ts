import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";

/** Encrypts stored values, so that a copy of the database alone is useless. */
export interface Envelope {
  /** Whether there is a key. Without one, sealing only marks values as plain. */
  readonly encrypts: boolean;
  /** The first bytes of everything sealed from now on: they identify the key. */
  readonly prefix: Buffer;
  /** The prefixes of all keys that it has. */
  readonly opens: readonly Buffer[];
  /** Whether the available keys can open values with this prefix. */
  knows(prefix: Buffer): boolean;
  /** `purpose` names the place, such as `session-salt:<id>`: bytes moved to another row do not open there. */
  seal(purpose: string, plain: Buffer): Buffer;
  /** Throws an `EnvelopeError`. */
  open(purpose: string, sealed: Buffer): Buffer;
}

/** A stored value cannot be opened with these keys, or at all. The message says which variable to set. */
export class EnvelopeError extends Error {
  override readonly name = "EnvelopeError";
  readonly code:
    | "ERR_ENVELOPE_KEY_MISSING"
    | "ERR_ENVELOPE_KEY_UNKNOWN"
    | "ERR_ENVELOPE_KEY_NOT_SHARED"
    | "ERR_ENVELOPE_DAMAGED";

  constructor(code: EnvelopeError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

const ALGORITHM = "aes-256-gcm";
const PLAIN = 0;
const AES_256_GCM = 1;
const KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;
const PLAIN_PREFIX = Buffer.of(PLAIN);

interface EnvelopeKey {
  /** Version and key id. */
  prefix: Buffer;
  secret: KeyObject;
}

/**
 * Makes an envelope with AES-256-GCM and a random nonce each time; a key serves for 2^32 seals (NIST SP 800-38D, 8.3).
 * Sealed bytes are: version, key id, nonce, ciphertext, tag. Version and key id are authenticated with the purpose.
 *
 * @param keys 32 bytes each. `previous` only opens: to rotate, make the old key `previous` and a new one `current`.
 */
export function createEnvelope(keys: { current?: Buffer; previous?: Buffer }): Envelope {
  const current = keys.current && toEnvelopeKey(keys.current);
  const known = [keys.current, keys.previous].flatMap((key) => (key ? [toEnvelopeKey(key)] : []));
  const keyOf = (prefix: Buffer) => known.find((key) => key.prefix.equals(prefix));
  return {
    encrypts: current !== undefined,
    prefix: current?.prefix ?? PLAIN_PREFIX,
    opens: known.map(({ prefix }) => prefix),
    knows: (prefix) => prefix.equals(PLAIN_PREFIX) || keyOf(prefix) !== undefined,
    seal: (purpose, plain) => (current ? encrypt(current, purpose, plain) : Buffer.concat([PLAIN_PREFIX, plain])),
    open(purpose, sealed) {
      const version = sealed[0];
      // Rows from before there was a key stay readable.
      if (version === PLAIN) return Buffer.from(sealed.subarray(1));
      if (version !== AES_256_GCM || sealed.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES) throw damaged();
      const key = keyOf(sealed.subarray(0, HEADER_BYTES));
      if (!key) throw missingKey(known.length > 0);
      return decrypt(key, purpose, sealed);
    },
  };
}

function toEnvelopeKey(bytes: Buffer): EnvelopeKey {
  if (bytes.length !== KEY_BYTES) throw new RangeError(`an encryption key has ${KEY_BYTES} bytes, not ${bytes.length}`);
  const id = createHash("sha256").update("byo envelope key id").update(bytes).digest().subarray(0, KEY_ID_BYTES);
  return { prefix: Buffer.concat([Buffer.of(AES_256_GCM), id]), secret: createSecretKey(bytes) };
}

function encrypt(key: EnvelopeKey, purpose: string, plain: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key.secret, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.concat([key.prefix, Buffer.from(purpose)]));
  return Buffer.concat([key.prefix, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: EnvelopeKey, purpose: string, sealed: Buffer): Buffer {
  const nonce = sealed.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key.secret, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.concat([key.prefix, Buffer.from(purpose)]));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plain = decipher.update(sealed.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    throw damaged();
  }
}

function damaged(): EnvelopeError {
  return new EnvelopeError(
    "ERR_ENVELOPE_DAMAGED",
    "Encrypted data in the database was changed or moved. Restore it from a backup.",
  );
}

/** `someKey`: whether there is any key. `what`: what cannot be opened. */
export function missingKey(someKey: boolean, what?: string): EnvelopeError {
  const needed = what === undefined ? "" : ` (${what})`;
  return someKey
    ? new EnvelopeError(
        "ERR_ENVELOPE_KEY_UNKNOWN",
        `The database holds data encrypted with another key${needed}. Set ENCRYPTION_KEY to that key; to change keys, set ` +
          'ENCRYPTION_KEY_PREVIOUS to it and ENCRYPTION_KEY to the new one, until "byo keys encryption status" says that ' +
          "nothing needs it.",
      )
    : new EnvelopeError(
        "ERR_ENVELOPE_KEY_MISSING",
        `The database holds encrypted data${needed}. Set ENCRYPTION_KEY to the key that it was encrypted with.`,
      );
}

/** `count`: how many replicas could not open what a key seals. */
export function keyNotShared(prefix: Buffer, count: number): EnvelopeError {
  const who = count === 1 ? "1 running replica" : `${count} running replicas`;
  return new EnvelopeError(
    "ERR_ENVELOPE_KEY_NOT_SHARED",
    `${who} cannot open what ${keyName(prefix)} encrypts, and would fail. Start every replica with ENCRYPTION_KEY as it was and ` +
      "ENCRYPTION_KEY_PREVIOUS set to the new key first; if there was no key before, stop the others. A replica that was " +
      'killed counts for a minute. See "byo keys encryption status".',
  );
}

/** A key as people see it: its id, which reveals nothing about its bytes. */
export function keyName(prefix: Buffer): string {
  return prefix[0] === PLAIN ? "no key" : `key ${prefix.subarray(1).toString("hex")}`;
}

/** Whether the bytes were sealed with any key, so that a copy of the database does not reveal them. */
export function isEncrypted(sealed: Buffer): boolean {
  return sealed[0] === AES_256_GCM;
}

/** Whether the bytes were sealed with the envelope's current key. */
export function isCurrent({ prefix }: Envelope, sealed: Buffer): boolean {
  return sealed.subarray(0, prefix.length).equals(prefix);
}
