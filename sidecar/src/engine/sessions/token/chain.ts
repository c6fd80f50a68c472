import { createHmac, hash as hashOf, timingSafeEqual } from "node:crypto";
import { bytesOfUuid, type SessionToken } from "./session-token.ts";

/**
 * The chain of a session's secrets. Each derives from the previous one and the session's salt, so every replica derives
 * the same successor, and the database stores only hashes. The HMAC inputs differ in length (36, 55 and 38 bytes), so
 * they cannot be confused.
 */

/** How many generations an old token is followed to the current one at most. */
const MAX_WALK = 512;

export function hashOfSecret(secret: Buffer): Buffer {
  return hashOf("sha256", secret, "buffer");
}

export function isSecretOf(hash: Buffer | null, secret: Buffer): boolean {
  return hash !== null && timingSafeEqual(hash, hashOfSecret(secret));
}

function generation(gen: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(gen);
  return bytes;
}

/** `s(k+1) = HMAC-SHA256(salt, s(k) ‖ k)` */
function nextSecret(salt: Buffer, secret: Buffer, gen: number): Buffer {
  return createHmac("sha256", salt).update(secret).update(generation(gen)).digest();
}

/**
 * The first secret of a session that replaces another library's. It derives from a secret that only the application
 * knows, so that several of its processes at once get the same token.
 */
export function firstSecretOf(salt: Buffer, legacySecret: string): Buffer {
  return createHmac("sha256", salt)
    .update("legacy")
    .update(hashOf("sha256", legacySecret, "buffer"))
    .digest();
}

/**
 * 16 bytes of `HMAC-SHA256(salt, "tag" ‖ id ‖ k ‖ s(k))`: it identifies genuine old tokens long after their hash is
 * gone.
 */
function tagOf(salt: Buffer, id: string, gen: number, secret: Buffer): Buffer {
  const mac = createHmac("sha256", salt).update("tag").update(bytesOfUuid(id)).update(generation(gen)).update(secret);
  return mac.digest().subarray(0, 16);
}

/** The complete token for a secret, with its tag. */
export function tokenAt(salt: Buffer, id: string, gen: number, secret: Buffer): SessionToken {
  return { id, gen, secret, tag: tagOf(salt, id, gen, secret) };
}

/** Whether a sidecar has issued the token. */
export function isGenuine(salt: Buffer, token: SessionToken): boolean {
  return timingSafeEqual(tagOf(salt, token.id, token.gen, token.secret), token.tag);
}

/** Follows the chain from a genuine token to a later generation; undefined if it is too far away. */
export function tokenAfter(salt: Buffer, token: SessionToken, gen: number): SessionToken | undefined {
  if (gen < token.gen || gen - token.gen > MAX_WALK) return undefined;
  let secret = token.secret;
  for (let k = token.gen; k < gen; k++) secret = nextSecret(salt, secret, k);
  return tokenAt(salt, token.id, gen, secret);
}
