import { shownZone } from "./zone.ts";

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "always", style: "long" });

const DAY_SECS = 86_400;

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

/** By how much clocks are set back somewhere: then the same time of day comes twice. */
const SET_BACK_MS = [1_800_000, 3_600_000];

/** The same, with the offset from UTC for a time of day that comes twice. */
function once(format: (time: Date) => string, formatWithOffset: (time: Date) => string): (time: Date) => string {
  return (time) => {
    const text = format(time);
    const isTwice = SET_BACK_MS.some((ms) =>
      [ms, -ms].some((shift) => format(new Date(time.getTime() + shift)) === text),
    );
    return isTwice ? formatWithOffset(time) : text;
  };
}

const DAY_AND_TIME = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" } as const;
const MARK = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" } as const;

/** In the zone that is shown, and the reader's language. */
export const localTime = once(
  inZone({ dateStyle: "medium", timeStyle: "medium" }),
  inZone({ ...DAY_AND_TIME, second: "2-digit", timeZoneName: "shortOffset" }),
);
const localDay = inZone({ month: "short", day: "numeric" });
const localMinute = once(inZone(MARK), inZone({ ...MARK, timeZoneName: "shortOffset" }));
const utcDay = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", timeZone: "UTC" });

/**
 * "3 hours ago", "in 2 days". Never "yesterday": 25 hours ago can be two days back in the calendar. Less than a minute counts as now, because two clocks rarely agree better.
 */
export function relativeTime(time: Date, nowMs: number): string {
  const differenceMs = time.getTime() - nowMs;
  const unit = UNITS.find(([, ms]) => Math.abs(differenceMs) >= ms);
  if (!unit) return "just now";
  return relative.format(Math.trunc(differenceMs / unit[1]), unit[0]);
}

/** For marks on a line of time: with the hour if they are close together, otherwise the day. */
export function chartTime(time: Date, stepSecs: number): string {
  return stepSecs < DAY_SECS ? localMinute(time) : localDay(time);
}

/** For what was counted in steps of this width. A step of a whole day is a day in UTC, whatever zone is shown. */
export function bucketTime(time: Date, bucketSecs: number): string {
  return isDayInUtc(bucketSecs) ? utcDay.format(time) : localMinute(time);
}

export function isDayInUtc(bucketSecs: number): boolean {
  return bucketSecs >= DAY_SECS;
}
