const whole = new Intl.NumberFormat();
const short = new Intl.NumberFormat(undefined, { notation: "compact" });

/** "320K", for narrow places. */
export function shortCount(count: number): string {
  return short.format(count);
}

/** "1 session", "2,000 sessions", "more than 10,000 sessions". */
export function countOf(count: number, noun: string, isCapped = false): string {
  return `${isCapped ? "more than " : ""}${whole.format(count)} ${noun}${count === 1 && !isCapped ? "" : "s"}`;
}
