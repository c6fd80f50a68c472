const ENDS: readonly string[] = ["SessionEnded", "ImpersonationEnded"];
const WARNINGS: readonly string[] = [
  "SessionRefused",
  "ImpersonationStarted",
  "ImpersonationRefused",
  "DeviceProofMissing",
  "SessionCreateRefused",
  "SessionShared",
  "UserAgentFlagged",
  "CookieRestored",
  "NewerTokenAdopted",
  "DeviceRegistrationRefused",
];

/** How prominent an entry of a timeline is. */
export function weightOf(event: string): "end" | "warning" | "normal" {
  if (ENDS.includes(event)) return "end";
  return WARNINGS.includes(event) ? "warning" : "normal";
}
