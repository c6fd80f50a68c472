/** The units of durations, the longest first, with the words that people write for them. */
export const DURATION_UNITS = [
  { name: "day", secs: 86_400, words: ["d", "day", "days"] },
  { name: "hour", secs: 3600, words: ["h", "hr", "hrs", "hour", "hours"] },
  { name: "minute", secs: 60, words: ["m", "min", "mins", "minute", "minutes"] },
  { name: "second", secs: 1, words: ["s", "sec", "secs", "second", "seconds"] },
] as const;

/** "12 hours", "1 day 6 hours": exact, without rounding. */
export function duration(secs: number): string {
  let rest = secs;
  const parts: string[] = [];
  for (const { name, secs: size } of DURATION_UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? "" : "s"}`);
  }
  return parts.join(" ") || "0 seconds";
}
