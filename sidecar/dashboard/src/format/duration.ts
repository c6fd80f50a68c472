import { DURATION_UNITS, duration } from "../../../src/dashboard/sentences/duration.ts";
import { countOf } from "./count.ts";

export { duration };

const MORE_UNITS = [
  { secs: 7 * 86_400, words: ["w", "week", "weeks"] },
  { secs: 365 * 86_400, words: ["y", "year", "years"] },
] as const;

const SECS_OF_WORD = new Map<string, number>(
  [...DURATION_UNITS, ...MORE_UNITS].flatMap(({ secs, words }) => words.map((word) => [word, secs] as const)),
);
/** "12 h", "1.5h", "1,5 h" and, after one another, "1 day 6 h" or "1 day, 6 h". */
const WHOLE = /^(?:\d+(?:[.,]\d+)?\s*[a-z]+(?:\s*,?\s+|$|(?=\d)))+$/;
const PART = /(\d+(?:[.,]\d+)?)\s*([a-z]+)/g;

/** "12 hours (43,200 seconds)": as people say it, with what the file has. */
export function exactDuration(secs: number): string {
  return secs < 60 ? duration(secs) : `${duration(secs)} (${countOf(secs, "second")})`;
}

/** Whole seconds; undefined if a person cannot have meant a duration. A number needs its unit: 12 could be anything. */
export function parseDuration(text: string): number | undefined {
  const typed = text.trim().toLowerCase();
  if (typed === "0") return 0;
  if (!WHOLE.test(typed)) return undefined;
  let total = 0;
  for (const [, amount = "", word = ""] of typed.matchAll(PART)) {
    const unit = SECS_OF_WORD.get(word);
    if (unit === undefined) return undefined;
    total += Number(amount.replace(",", ".")) * unit;
  }
  const secs = Math.round(total * 1000) / 1000;
  return Number.isInteger(secs) ? secs : undefined;
}
