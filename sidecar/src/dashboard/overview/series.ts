import type { Series, Totals } from "../contract/overview.ts";
import { END_REASONS } from "../contract/sessions.ts";
import type { CounterRow } from "./store.ts";

const WIDTHS_SECS = [300, 900, 3_600, 21_600, 86_400];
const MAX_BUCKETS = 400;

/** The finest width that a chart can show. */
export function bucketWidth(fromSecs: number, toSecs: number): number {
  return WIDTHS_SECS.find((width) => (toSecs - fromSecs) / width <= MAX_BUCKETS / 2) ?? 86_400;
}

/**
 * Makes the series of a chart. `counted` reaches from the first bucket until now, even if the chart ends earlier: past
 * numbers of active sessions are computed back from the current one.
 */
export function seriesOf(
  { fromSecs, toSecs, bucketSecs }: { fromSecs: number; toSecs: number; bucketSecs: number },
  counted: readonly CounterRow[],
  activeNow: number,
): Omit<Series, "before"> {
  const first = Math.floor(fromSecs / bucketSecs) * bucketSecs;
  const length = Math.min(MAX_BUCKETS + 1, Math.ceil((toSecs - first) / bucketSecs));
  const buckets = Array.from({ length }, (_, at) => first + at * bucketSecs);
  const counts = new Map<string, number>(counted.map(({ at, name, count }) => [`${name} ${at}`, count]));
  const line = (name: string) => buckets.map((at) => counts.get(`${name} ${at}`) ?? 0);
  const ends = END_REASONS.map((reason) => [reason, line(`ended:${reason}`)] as const);

  /** Newest first: each bucket undoes what happened in the later ones. */
  const changes = new Map<number, number>();
  for (const { at, name, count } of counted) {
    const change = name === "created" ? count : name.startsWith("ended:") ? -count : 0;
    changes.set(at, (changes.get(at) ?? 0) + change);
  }
  const last = buckets.at(-1) ?? first;
  let active = activeNow;
  for (const [at, change] of changes) if (at > last) active -= change;
  const activeLine = buckets.toReversed().map((at) => {
    const then = Math.max(0, active);
    active -= changes.get(at) ?? 0;
    return then;
  });

  return {
    bucketSecs,
    buckets,
    logins: line("created"),
    active: activeLine.toReversed(),
    ends: Object.fromEntries(ends.filter(([, values]) => values.some((value) => value > 0))),
    refusals: line("refused"),
    challenges: line("challenged"),
    rotations: line("rotated"),
    newDevices: line("newDevice"),
    activeNow,
  };
}

/** The sums of a whole period. */
export function totalsOf(counted: readonly Pick<CounterRow, "name" | "count">[]): Totals {
  const counts = new Map(counted.map(({ name, count }) => [name, count]));
  const total = (name: string) => counts.get(name) ?? 0;
  return {
    logins: total("created"),
    ends: Object.fromEntries(END_REASONS.map((reason) => [reason, total(`ended:${reason}`)])),
    refusals: total("refused"),
    challenges: total("challenged"),
    rotations: total("rotated"),
    newDevices: total("newDevice"),
  };
}
