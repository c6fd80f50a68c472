import { shownZone } from "./zone.ts";

/** Unix seconds as the value of an `<input type="datetime-local">`, in the zone that is shown. */
export function toLocalInput(secs: number | undefined): string {
  return secs === undefined ? "" : new Date(secs * 1000 + offsetMs(secs * 1000)).toISOString().slice(0, 16);
}

/**
 * What a person has typed or left in a field that showed `shown`. A time that was left is exactly that one: the field shows no
 * seconds, and not which of two equal times it is when clocks are set back. Undefined if the field is empty.
 */
export function readTime(value: string, shown: number | undefined): number | undefined {
  return value === toLocalInput(shown) ? shown : fromLocalInput(value);
}

function fromLocalInput(value: string): number | undefined {
  const ms = Date.parse(`${value}Z`);
  if (Number.isNaN(ms)) return undefined;
  // A change of the clocks may lie between this guess and the time itself.
  const guess = ms - offsetMs(ms);
  return Math.floor((ms - offsetMs(guess)) / 1000);
}

/** How far the zone is ahead of UTC at a time. */
function offsetMs(ms: number): number {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone: shownZone(),
    hourCycle: "h23",
    ...{ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" },
  }).formatToParts(ms);
  const part = (name: Intl.DateTimeFormatPartTypes) => Number(parts.find(({ type }) => type === name)?.value);
  const shown = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return shown - Math.floor(ms / 1000) * 1000;
}
