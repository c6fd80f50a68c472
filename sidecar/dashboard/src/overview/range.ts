const MINUTE_SECS = 60;
const DAY_SECS = 86_400;

/** Until now, back from it. */
export const RANGES = [
  { value: "1h", label: "1 hour", secs: DAY_SECS / 24 },
  { value: "24h", label: "24 hours", secs: DAY_SECS },
  { value: "7d", label: "7 days", secs: 7 * DAY_SECS },
  { value: "30d", label: "30 days", secs: 30 * DAY_SECS },
  { value: "90d", label: "90 days", secs: 90 * DAY_SECS },
] as const;
export type Range = (typeof RANGES)[number];

export function rangeOf(value: string | null, otherwise: Range["value"]): Range {
  const find = (name: string | null) => RANGES.find((range) => range.value === name);
  return find(value) ?? find(otherwise) ?? RANGES[0];
}

/** Until now, in whole minutes, so that the cached answer can be used for a minute. */
export function boundsOf({ secs }: Range, nowMs: number): { from: number; to: number } {
  const to = (Math.floor(nowMs / 1000 / MINUTE_SECS) + 1) * MINUTE_SECS;
  return { from: to - secs, to };
}
