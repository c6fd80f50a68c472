/**
 * Which number cannot be sent; undefined if all can. JSON turns NaN and Infinity into null, which is the same as leaving the
 * field out: a lifetime that the application has miscalculated would become the longest one.
 *
 * @param json The data as it would be sent: nearly none has a null, and each request with a session passes here.
 */
export function numberProblem(data: object, json: string): string | undefined {
  if (!json.includes(":null")) return undefined;
  const [name] = Object.entries(data).find(([, value]) => typeof value === "number" && !Number.isFinite(value)) ?? [];
  return name && `${name}: expected a finite number`;
}
