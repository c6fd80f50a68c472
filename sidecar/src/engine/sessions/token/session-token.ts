/**
 * The form of a session token: `byo_sess_<id>.<generation>.<tag>.<secret>`, for example `byo_sess_` + 22 characters +
 * `.00000001.` + 22 characters + `.` + 43 characters.
 *
 * The prefix lets secret scanners find leaked tokens and names the realm; the id makes a validation one primary-key
 * lookup. Only the secret proves anything: knowing an id must reveal and change nothing.
 */
const PREFIX = "byo_sess_";
// The spare bits of a part's last base64url character must be zero, so that each token has one spelling.
const BYTES_16 = "([A-Za-z0-9_-]{21}[AQgw])";
const BYTES_32 = "([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])";
const FORM = new RegExp(`^${PREFIX}${BYTES_16}\\.([0-9a-f]{8})\\.${BYTES_16}\\.${BYTES_32}$`);

export interface SessionToken {
  /** The session's id as a UUID. */
  id: string;
  /** Which token of the session's chain this is, from 1. */
  gen: number;
  tag: Buffer;
  secret: Buffer;
}

/** Parses a token; undefined for any other text. Never throws. */
export function parseSessionToken(text: string): SessionToken | undefined {
  const [, id, gen, tag, secret] = FORM.exec(text) ?? [];
  if (!id || !gen || !tag || !secret) return undefined;
  return {
    id: uuidOf(Buffer.from(id, "base64url")),
    gen: Number.parseInt(gen, 16),
    tag: Buffer.from(tag, "base64url"),
    secret: Buffer.from(secret, "base64url"),
  };
}

export function formatSessionToken({ id, gen, tag, secret }: SessionToken): string {
  const parts = [
    bytesOfUuid(id).toString("base64url"),
    gen.toString(16).padStart(8, "0"),
    tag.toString("base64url"),
    secret.toString("base64url"),
  ];
  return PREFIX + parts.join(".");
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is a session id in the sidecar's spelling. Other spellings of a UUID are not. */
export function isSessionId(text: string): boolean {
  return UUID.test(text);
}

export function bytesOfUuid(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

export function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A version 4 UUID (RFC 9562, section 5.4: 122 random bits) from 16 random bytes. */
export function newSessionId(random: Buffer): string {
  const bytes = Buffer.from(random);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return uuidOf(bytes);
}
