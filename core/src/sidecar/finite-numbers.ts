/**
 * Which number cannot be sent; undefined if all can. JSON turns NaN and Infinity into null, which is the same as leaving the
 * field out: a lifetime that the application has miscalculated would become the longest one.
 */
export function numberProblem(data: object): string | undefined {
  const found = Object.entries(data).find(([, value]) => typeof value === "number" && !Number.isFinite(value));
  return found && `${found[0]}: expected a finite number`;
}
