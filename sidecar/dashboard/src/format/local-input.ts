/** Unix seconds as the value of an `<input type="datetime-local">`, in the reader's time zone. */
export function toLocalInput(secs: number | undefined): string {
  if (secs === undefined) return "";
  const date = new Date(secs * 1000);
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

/** Undefined if the field is empty. */
export function fromLocalInput(value: string): number | undefined {
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}
