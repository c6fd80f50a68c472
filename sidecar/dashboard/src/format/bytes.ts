const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** "12 MB". */
export function bytes(count: number): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  return `${Math.round(count / 1000 ** step)} ${UNITS[step]}`;
}
