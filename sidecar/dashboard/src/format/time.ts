import { shownZone } from "./zone.ts";

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "always", style: "long" });

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** A format in the zone that is shown; making one is slow, so each zone has its own. */
function inZone(options: Intl.DateTimeFormatOptions): (time: Date) => string {
  const formats = new Map<string, Intl.DateTimeFormat>();
  return (time) => {
    const timeZone = shownZone();
    const format = formats.get(timeZone) ?? new Intl.DateTimeFormat(undefined, { ...options, timeZone });
    formats.set(timeZone, format);
    return format.format(time);
  };
}

/** In the zone that is shown, and the reader's language. */
export const localTime = inZone({ dateStyle: "medium", timeStyle: "medium" });
const localDay = inZone({ month: "short", day: "numeric" });
const localMinute = inZone({ hour: "2-digit", minute: "2-digit" });

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
  return bucketSecs < 86_400 ? `${localDay(time)} ${localMinute(time)}` : localDay(time);
}
