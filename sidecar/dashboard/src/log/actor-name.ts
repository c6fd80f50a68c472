/** Who did something, for the screen: "alice" for "dashboard:alice". */
export function actorName(actor: string | null): string {
  if (actor === null) return "Nobody";
  if (actor === "operator") return "Command line";
  if (actor === "system") return "The sidecar";
  return actor.startsWith("dashboard:") ? actor.slice("dashboard:".length) : actor;
}
