const ENDS: readonly string[] = ["SessionEnded"];
const WARNINGS: readonly string[] = [
  "SessionRefused",
  "DeviceProofMissing",
  "SessionCreateRefused",
  "SessionShared",
  "UserAgentFlagged",
  "CookieRestored",
  "DeviceRegistrationRefused",
];

/** How much an entry of a timeline should catch the eye. */
export function weightOf(event: string): "end" | "warning" | "normal" {
  if (ENDS.includes(event)) return "end";
  return WARNINGS.includes(event) ? "warning" : "normal";
}
