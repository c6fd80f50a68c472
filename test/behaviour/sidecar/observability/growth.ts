import type { TestSidecar } from "../../../harness/test-sidecar.ts";

/** By how much each series of /metrics that has grown did so during the work. */
export async function growthOf(
  sidecar: Pick<TestSidecar, "metrics">,
  work: () => Promise<unknown>,
): Promise<Record<string, number>> {
  const before = await sidecar.metrics();
  await work();
  const after = await sidecar.metrics();
  const grown = [...after].map(([series, value]) => [series, value - (before.get(series) ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, by]) => by > 0));
}
