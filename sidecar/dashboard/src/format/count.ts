const whole = new Intl.NumberFormat();

/** "1 session", "2,000 sessions", "10,000+ sessions". */
export function countOf(count: number, noun: string, isCapped = false): string {
  return `${whole.format(count)}${isCapped ? "+" : ""} ${noun}${count === 1 && !isCapped ? "" : "s"}`;
}
