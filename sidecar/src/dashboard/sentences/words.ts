import type { TimelineEvent } from "../contract/sessions.ts";

/** " from Chrome 130 on macOS at 203.0.113.7"; empty where nothing is known. */
export function from({ device, ipAddress }: Pick<TimelineEvent, "device" | "ipAddress">): string {
  const known = device && device.displayName !== "Unknown device" ? ` from ${device.displayName}` : "";
  const at = ipAddress === null ? "" : ` ${known === "" ? "from" : "at"} ${ipAddress}`;
  return known + at;
}

/** Who did it, for the middle of a sentence. */
export function who(actor: string | null): string {
  if (actor === null || actor === "system") return "the sidecar";
  if (actor === "user") return "the user";
  if (actor === "operator") return "an operator on the command line";
  if (actor.startsWith("employee:")) return actor.slice("employee:".length);
  if (actor.startsWith("dashboard:")) return actor.slice("dashboard:".length);
  return actor.startsWith("key:") ? "the application" : actor;
}

export function textDetail({ details }: Pick<TimelineEvent, "details">, name: string): string | undefined {
  const value = details?.[name];
  return typeof value === "string" ? value : undefined;
}
