const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });
const whole = new Intl.NumberFormat();

/** How a number compares with the one of the period before, in words. */
export function changeOf(total: number, before: number): string {
  if (total === 0 && before === 0) return "none before either";
  if (total === before) return "as many as before";
  if (before === 0) return "none before";
  const share = Math.abs(total - before) / before;
  const factor = total / before;
  if (factor >= 3) return `${whole.format(Math.round(factor * 10) / 10)} times as many as before`;
  return `${percent.format(share)} ${total > before ? "more" : "fewer"} than before`;
}

/** Whether one line is so high in a step that the others cannot be read beside it. */
export function isFlattened(lines: readonly { values: readonly number[] }[]): boolean {
  const peaks = lines.map(({ values }) => Math.max(0, ...values)).filter((peak) => peak > 0);
  return peaks.length > 1 && Math.max(...peaks) > FLAT_FACTOR * Math.min(...peaks);
}

/** Whether a line is so high in one step that its other steps cannot be read. */
export function isSpiked(values: readonly number[]): boolean {
  const seen = values.filter((value) => value > 0).sort((a, b) => a - b);
  const middle = seen[Math.floor(seen.length / 2)] ?? 0;
  return (seen.at(-1) ?? 0) > FLAT_FACTOR * middle;
}

const FLAT_FACTOR = 20;
