const SALT_BYTES = 16;
/** Each key is used once, so its nonce may always be the same. */
const AES = { name: "AES-GCM", iv: new Uint8Array(12) };
const INFO = encode("byo-session hand-over from proxy to server, version 2");

/**
 * Text that only who has the secret can read or write, by the way of RFC 8188: AES-GCM with a key for each text, which
 * HKDF makes of the secret and a random salt. Web APIs only: it runs on edge runtimes.
 */
export function createSealer(secret: string) {
  let material: Promise<CryptoKey> | undefined;

  async function keyFor(salt: Uint8Array<ArrayBuffer>, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
    material ??= crypto.subtle.importKey("raw", encode(secret), "HKDF", false, ["deriveKey"]);
    const hkdf = { name: "HKDF", hash: "SHA-256", salt, info: INFO };
    return crypto.subtle.deriveKey(hkdf, await material, { name: AES.name, length: 256 }, false, [use]);
  }

  return {
    async seal(text: string): Promise<string> {
      const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
      const sealed = await crypto.subtle.encrypt(AES, await keyFor(salt, "encrypt"), encode(text));
      return toBase64Url([...salt, ...new Uint8Array(sealed)]);
    },
    /** Undefined for what was not sealed with this secret. */
    async open(value: string): Promise<string | undefined> {
      const bytes = fromBase64Url(value);
      if (!bytes) return undefined;
      const key = await keyFor(bytes.slice(0, SALT_BYTES), "decrypt");
      const text = await crypto.subtle.decrypt(AES, key, bytes.slice(SALT_BYTES)).catch(() => undefined);
      return text && new TextDecoder().decode(text);
    },
  };
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function toBase64Url(bytes: readonly number[]): string {
  const text = bytes.map((byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}
