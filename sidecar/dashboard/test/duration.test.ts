import { describe, expect, it } from "vitest";
import { duration, exactDuration, parseDuration } from "../src/format/duration.ts";

describe("a duration", () => {
  it.each([
    ["12h", 43_200],
    ["12 h", 43_200],
    ["12 Hours", 43_200],
    ["90 min", 5400],
    ["1.5 h", 5400],
    ["1,5 h", 5400],
    ["1 day 6 h", 108_000],
    ["1 day, 6 hours", 108_000],
    ["1d6h", 108_000],
    ["2 weeks", 1_209_600],
    ["1 year", 31_536_000],
    ["0", 0],
  ])("is read from %s", (text, secs) => expect(parseDuration(text)).toBe(secs));

  it.each(["12", "12 x", "h", "1 month", "-1 h", "1e3 s", "12 h 5", "0.3 s", "1 h and 2 min", ""])(
    "is not guessed from %j",
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );

  it("is read as it is written", () => {
    for (const secs of [1, 59, 60, 3600, 86_399, 108_000, 1_209_600, 315_360_000]) {
      expect(parseDuration(duration(secs))).toBe(secs);
    }
    expect(exactDuration(43_200)).toMatch(/^12 hours \(43.200 seconds\)$/);
  });
});
