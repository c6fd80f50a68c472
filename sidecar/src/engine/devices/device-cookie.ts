import { createHmac, timingSafeEqual } from "node:crypto";
import { SETTINGS } from "../policy/settings.ts";
import { decodeBase64Url } from "./base64url.ts";
import type { ChallengeKey } from "./challenge.ts";

/** What a device cookie is valid for: this session, bound to this key. */
export interface CookieSubject {
  readonly sessionId: string;
  readonly thumbprint: string;
}

export interface DeviceCookies {
  /** Makes a cookie that is valid for `lifetimeSecs` from now, at most `MAX_COOKIE_SECS`. */
  issue(subject: CookieSubject, lifetimeSecs: number): string;
  /**
   * How long the cookie is still valid for this subject, in seconds; 0 for any other text. `maxLifetimeSecs` is what
   * the policy allows now: it also shortens cookies that were made for longer.
   */
  secondsLeft(cookie: string, subject: CookieSubject, maxLifetimeSecs: number): number;
}

export interface DeviceCookiesOptions {
  /** The current key first, then older valid ones. */
  readonly keys: readonly ChallengeKey[];
  readonly nowSecs: number;
}

/**
 * Cookies share the keys of challenges, which are kept for the longest challenge's lifetime: no cookie may live longer.
 */
export const MAX_COOKIE_SECS = SETTINGS.device_cookie_secs.max;

const VERSION = 1;
// version (1) | key id (4) | made at, in Unix seconds (6) | lifetime in seconds (2) | MAC (32)
const AT = { version: 0, keyId: 1, madeAt: 5, lifetime: 11, mac: 13, end: 45 } as const;
const CHARS = (AT.end * 4) / 3;

/** Separates these MACs from those of challenges, which begin with another byte. */
const DOMAIN = "byo-device-cookie\0";

/**
 * The device cookie shows that the session's device key signed a request a short while ago. Its MAC covers session and
 * key without naming them, so nothing is stored, and it is worthless with another session or another key.
 */
export function createDeviceCookies({ keys, nowSecs }: DeviceCookiesOptions): DeviceCookies {
  return {
    issue(subject, lifetimeSecs) {
      const [key] = keys;
      if (!key) throw new Error("There is no key for device cookies: expected the current one first.");
      const bytes = Buffer.alloc(AT.end);
      bytes[AT.version] = VERSION;
      bytes.writeUInt32BE(key.id, AT.keyId);
      bytes.writeUIntBE(nowSecs, AT.madeAt, AT.lifetime - AT.madeAt);
      bytes.writeUInt16BE(Math.min(lifetimeSecs, MAX_COOKIE_SECS), AT.lifetime);
      mac(key, bytes, subject).copy(bytes, AT.mac);
      return bytes.toString("base64url");
    },

    secondsLeft(cookie, subject, maxLifetimeSecs) {
      if (cookie.length !== CHARS) return 0;
      const bytes = decodeBase64Url(cookie);
      if (bytes?.[AT.version] !== VERSION) return 0;
      const key = keys.find(({ id }) => id === bytes.readUInt32BE(AT.keyId));
      if (!key || !timingSafeEqual(mac(key, bytes, subject), bytes.subarray(AT.mac))) return 0;
      const madeAt = bytes.readUIntBE(AT.madeAt, AT.lifetime - AT.madeAt);
      const lifetimeSecs = Math.min(bytes.readUInt16BE(AT.lifetime), maxLifetimeSecs);
      return Math.max(0, madeAt + lifetimeSecs - nowSecs);
    },
  };
}

/** No part of the subject can contain the separator: ids and thumbprints are base64url. */
function mac(key: ChallengeKey, bytes: Buffer, { sessionId, thumbprint }: CookieSubject): Buffer {
  return createHmac("sha256", key.secret)
    .update(DOMAIN)
    .update(bytes.subarray(0, AT.mac))
    .update(`${sessionId}\0${thumbprint}`)
    .digest();
}
