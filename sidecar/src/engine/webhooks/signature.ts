import { createHmac, randomBytes } from "node:crypto";

const PREFIX = "whsec_";
/** Standard Webhooks: 24 to 64. */
const SECRET_BYTES = 32;

export function newSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** A secret as its receiver is given it. */
export function secretText(secret: Buffer): string {
  return `${PREFIX}${secret.toString("base64")}`;
}

/**
 * The headers of Standard Webhooks, symmetric scheme `v1`: one signature for each secret, so that a receiver may still have
 * the previous one. `atMs`: when it is sent, in milliseconds since 1970.
 */
export function signedHeaders(message: { id: string; body: string }, secrets: readonly Buffer[], atMs: number) {
  const timestamp = String(Math.floor(atMs / 1000));
  const signed = `${message.id}.${timestamp}.${message.body}`;
  const signatures = secrets.map((secret) => `v1,${createHmac("sha256", secret).update(signed).digest("base64")}`);
  return {
    "webhook-id": message.id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}
