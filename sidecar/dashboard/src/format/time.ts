const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const localDay = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const localMinute = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "always", style: "long" });

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** In the reader's time zone and language. */
export function localTime(time: Date): string {
  return local.format(time);
}

/**
 * "3 hours ago", "in 2 days". Never "yesterday": 25 hours ago can be two days back in the calendar. Less than a minute counts as now, because two clocks rarely agree better.
 */
export function relativeTime(time: Date, nowMs: number): string {
  const differenceMs = time.getTime() - nowMs;
  const unit = UNITS.find(([, ms]) => Math.abs(differenceMs) >= ms);
  if (!unit) return "just now";
  return relative.format(Math.trunc(differenceMs / unit[1]), unit[0]);
}

/** For the marks of a chart: the hour if they are close together, otherwise the day. */
export function chartTime(time: Date, bucketSecs: number): string {
  return bucketSecs < 86_400 ? `${localDay.format(time)} ${localMinute.format(time)}` : localDay.format(time);
}
