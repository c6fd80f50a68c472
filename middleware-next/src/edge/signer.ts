export interface Signer {
  sign(text: string): Promise<string>;
  /** The text of a signed one; undefined when it was not signed with this secret. */
  verified(signed: string): Promise<string | undefined>;
}

/** Web APIs only: it runs on edge runtimes. */
export function createSigner(secret: string): Signer {
  let key: Promise<CryptoKey> | undefined;
  const signingKey = () => {
    key ??= deriveKey(secret);
    return key;
  };

  return {
    async sign(text) {
      const body = toBase64Url(encode(text));
      const signature = await crypto.subtle.sign("HMAC", await signingKey(), encode(body));
      return `${body}.${toBase64Url(new Uint8Array(signature))}`;
    },
    async verified(signed) {
      const [body = "", signature = "", ...more] = signed.split(".");
      const [text, bytes] = [fromBase64Url(body), fromBase64Url(signature)];
      if (more.length > 0 || !text || !bytes) return undefined;
      const isOurs = await crypto.subtle.verify("HMAC", await signingKey(), bytes, encode(body));
      return isOurs ? new TextDecoder().decode(text) : undefined;
    },
  };
}

/** HKDF (RFC 5869): the integration key itself signs nothing. */
async function deriveKey(secret: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", encode(secret), "HKDF", false, ["deriveKey"]);
  const info = encode("byo-session hand-over from proxy to server, version 2");
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  return crypto.subtle.deriveKey(hkdf, material, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

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
