import { Secret, TOTP } from "otpauth";
import type { SecondFactorStart } from "../contract/access.ts";

const ISSUER = "byo-session";
const PERIOD_SECS = 30;
const SECRET_BYTES = 20;
/** Codes are accepted one step early or late: clocks differ, and people type slowly. */
const WINDOW = 1;

export function newSecondFactor(randomBytes: (size: number) => Buffer): Buffer {
  return randomBytes(SECRET_BYTES);
}

export function secondFactorStart(secret: Buffer, username: string): SecondFactorStart {
  const totp = totpOf(secret, username);
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/** The time step of a code; undefined if the code is wrong. Each step is accepted once. */
export function codeStep(secret: Buffer, code: string, nowMs: number): number | undefined {
  const delta = totpOf(secret).validate({ token: code, timestamp: nowMs, window: WINDOW });
  return delta === null ? undefined : Math.floor(nowMs / 1000 / PERIOD_SECS) + delta;
}

function totpOf(secret: Buffer, label = ""): TOTP {
  const bytes = new Uint8Array(secret).buffer;
  return new TOTP({ issuer: ISSUER, label, period: PERIOD_SECS, secret: new Secret({ buffer: bytes }) });
}
