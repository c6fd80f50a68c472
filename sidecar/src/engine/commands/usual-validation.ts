import { isStorableText, LIMITS, type ValidateSessionData } from "@byo-session/core/contract";

/**
 * Checks the validation that comes with every request of an application: a token, perhaps a user agent, an address and
 * a device cookie, nothing else. The schema costs ten times as much. Any other input returns undefined, and the schema
 * checks it.
 */
export function usualValidation(data: unknown): ValidateSessionData | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const sent: Sent = data;
  const { sessionToken, userAgent, ipAddress, deviceCookie } = sent;
  if (sent.requiredTags !== undefined || sent.attemptId !== undefined || sent.activity !== undefined) return undefined;
  if (sent.deviceVerification !== undefined || sent.ignoreDeviceForVerification !== undefined) return undefined;
  if (!isText(sessionToken, LIMITS.stringChars)) return undefined;
  if (userAgent !== undefined && !isText(userAgent, LIMITS.userAgentChars)) return undefined;
  if (ipAddress !== undefined && !isText(ipAddress, LIMITS.stringChars)) return undefined;
  if (deviceCookie !== undefined && !isText(deviceCookie, LIMITS.stringChars)) return undefined;
  return { sessionToken, userAgent, ipAddress, deviceCookie };
}

type Sent = { readonly [Field in keyof ValidateSessionData]?: unknown };

function isText(value: unknown, maxChars: number): value is string {
  return typeof value === "string" && value.length <= maxChars && isStorableText(value);
}
