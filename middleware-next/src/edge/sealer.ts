export interface Sealer {
  seal(text: string): Promise<string>;
  /** Undefined for what was not sealed with this secret. */
  open(sealed: string): Promise<string | undefined>;
}

const SALT_BYTES = 16;
/** Each key is used once, so its nonce may always be the same. */
const NONCE = new Uint8Array(12);

/**
 * Text that only who has the secret can read or write, by the way of RFC 8188: AES-GCM with a key for each text, which
 * HKDF makes of the secret and a random salt. Web APIs only: it runs on edge runtimes.
 */
export function createSealer(secret: string): Sealer {
  let material: Promise<CryptoKey> | undefined;

  async function keyFor(salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
    material ??= crypto.subtle.importKey("raw", encode(secret), "HKDF", false, ["deriveKey"]);
    const info = encode("byo-session hand-over from proxy to server, version 2");
    const hkdf = { name: "HKDF", hash: "SHA-256", salt, info };
    return crypto.subtle.deriveKey(hkdf, await material, { name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]);
  }

  return {
    async seal(text) {
      const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
      const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: NONCE }, await keyFor(salt), encode(text));
      return toBase64Url(salt) + toBase64Url(new Uint8Array(sealed));
    },
    async open(value) {
      const salt = fromBase64Url(value.slice(0, SALT_CHARS));
      const sealed = fromBase64Url(value.slice(SALT_CHARS));
      if (salt?.length !== SALT_BYTES || !sealed) return undefined;
      const key = await keyFor(salt);
      const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: NONCE }, key, sealed).catch(() => undefined);
      return text && new TextDecoder().decode(text);
    },
  };
}

const SALT_CHARS = Math.ceil((SALT_BYTES * 4) / 3);

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}
