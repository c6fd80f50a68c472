import { hash, timingSafeEqual } from "node:crypto";
import { bytesOfUuid, uuidOf } from "../sessions/token/session-token.ts";

/**
 * The token of an impersonation: `byo_imp_<id>.<secret>`. Its prefix, its form and its table differ from those of
 * sessions, so neither can be used as the other. It is not rotated: it lives for an hour, not for weeks.
 */
const PREFIX = "byo_imp_";
// The spare bits of a part's last base64url character must be zero, so that each token has one spelling.
const FORM = new RegExp(`^${PREFIX}([A-Za-z0-9_-]{21}[AQgw])\\.([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])$`);

export interface ImpersonationToken {
  id: string;
  secret: Buffer;
}

export function formatImpersonationToken({ id, secret }: ImpersonationToken): string {
  return `${PREFIX}${bytesOfUuid(id).toString("base64url")}.${secret.toString("base64url")}`;
}

/** Parses a token; undefined for any other text. Never throws. */
export function parseImpersonationToken(text: string): ImpersonationToken | undefined {
  const [, id, secret] = FORM.exec(text) ?? [];
  if (!id || !secret) return undefined;
  return { id: uuidOf(Buffer.from(id, "base64url")), secret: Buffer.from(secret, "base64url") };
}

export function hashOfImpersonationSecret(secret: Buffer): Buffer {
  return hash("sha256", secret, "buffer");
}

export function isImpersonationSecret(stored: Buffer, secret: Buffer): boolean {
  return timingSafeEqual(stored, hashOfImpersonationSecret(secret));
}
