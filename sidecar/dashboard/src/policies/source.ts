/** Where a value comes from, for the screen. */
export function sourceOf(source: string): string {
  if (source === "default") return "Built in";
  return source === "defaults" ? "Defaults of the policy" : source;
}
