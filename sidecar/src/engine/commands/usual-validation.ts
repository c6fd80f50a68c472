import {
  isStorableText,
  LIMITS,
  type SignedDeviceChallenge,
  type ValidateSessionData,
} from "@byo-session/core/contract";

/**
 * Checks the validation that comes with every request of an application: a token, perhaps a user agent, an address, a
 * device cookie and a proof with the attempt that it belongs to, nothing else. The schema costs ten times as much. Any
 * other input returns undefined, and the schema checks it.
 */
export function usualValidation(data: unknown): ValidateSessionData | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const sent: Sent<ValidateSessionData> = data;
  const { sessionToken, userAgent, ipAddress, deviceCookie, attemptId } = sent;
  if (sent.requiredTags !== undefined || sent.activity !== undefined) return undefined;
  if (sent.ignoreDeviceForVerification !== undefined) return undefined;
  if (!isText(sessionToken, LIMITS.stringChars)) return undefined;
  if (!isTextOrAbsent(userAgent, LIMITS.userAgentChars)) return undefined;
  if (!isTextOrAbsent(ipAddress, LIMITS.stringChars)) return undefined;
  if (!isTextOrAbsent(deviceCookie, LIMITS.stringChars)) return undefined;
  if (!isTextOrAbsent(attemptId, LIMITS.attemptIdChars)) return undefined;
  const usual = { sessionToken, userAgent, ipAddress, deviceCookie, attemptId };
  if (sent.deviceVerification === undefined) return usual;
  const deviceVerification = usualProof(sent.deviceVerification);
  return deviceVerification && { ...usual, deviceVerification };
}

function usualProof(proof: unknown): SignedDeviceChallenge | undefined {
  if (typeof proof !== "object" || proof === null) return undefined;
  const { signedDeviceChallenge, requestUrl, requestMethod }: Sent<SignedDeviceChallenge> = proof;
  if (!isText(signedDeviceChallenge, LIMITS.proofChars)) return undefined;
  if (!isTextOrAbsent(requestUrl, LIMITS.stringChars)) return undefined;
  if (!isTextOrAbsent(requestMethod, LIMITS.stringChars)) return undefined;
  return { signedDeviceChallenge, requestUrl, requestMethod };
}

type Sent<Data> = { readonly [Field in keyof Data]?: unknown };

function isTextOrAbsent(value: unknown, maxChars: number): value is string | undefined {
  return value === undefined || isText(value, maxChars);
}

function isText(value: unknown, maxChars: number): value is string {
  return typeof value === "string" && value.length <= maxChars && isStorableText(value);
}
