import { createHmac, timingSafeEqual } from "node:crypto";
import { SETTINGS } from "../policy/settings.ts";
import { decodeBase64Url } from "./base64url.ts";
import type { ChallengeKey } from "./challenge.ts";

/** What a device cookie is good for: this session, bound to this key. */
export interface CookieSubject {
  readonly sessionId: string;
  readonly thumbprint: string;
}

export interface DeviceCookies {
  /** Makes a cookie that is good for `lifetimeSecs` from now, at most `MAX_COOKIE_SECS`. */
  issue(subject: CookieSubject, lifetimeSecs: number): string;
  /**
   * How long the cookie is still good for this subject, in seconds; 0 for any other text. `maxLifetimeSecs` is what the
   * policy allows now: a cookie that was made for longer ends earlier.
   */
  secondsLeft(cookie: string, subject: CookieSubject, maxLifetimeSecs: number): number;
}

export interface DeviceCookiesOptions {
  /** The current key first, then those that still count. */
  readonly keys: readonly ChallengeKey[];
  readonly nowSecs: number;
}

/** The keys are those of challenges, and are kept for as long as the longest challenge lives: no cookie may live longer. */
export const MAX_COOKIE_SECS = SETTINGS.device_cookie_secs.max;

const VERSION = 1;
// version (1) | key id (4) | made at, in Unix seconds (6) | lifetime in seconds (2) | MAC (32)
const AT = { version: 0, keyId: 1, madeAt: 5, lifetime: 11, mac: 13, end: 45 } as const;
const CHARS = (AT.end * 4) / 3;

/** Keeps these MACs apart from those of challenges, which begin with another byte. */
const DOMAIN = "byo-device-cookie\0";

/**
 * The device cookie: the session's device key signed a request a short while ago. It names neither session nor key, and
 * both go into its MAC. So nothing is stored, and it is worthless beside another session or another binding.
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

/** Neither part of the subject can hold the separator: ids and thumbprints are base64url. */
function mac(key: ChallengeKey, bytes: Buffer, { sessionId, thumbprint }: CookieSubject): Buffer {
  return createHmac("sha256", key.secret)
    .update(DOMAIN)
    .update(bytes.subarray(0, AT.mac))
    .update(`${sessionId}\0${thumbprint}`)
    .digest();
}
