import { Refusal } from "./refusal.ts";

/** Sessions come and go between the preview and the click. */
const ROOM = 0.1;

/**
 * What ends or shuts out sessions needs the number that a person has read and typed. It is refused if it would now be
 * clearly more.
 */
export function requireConfirmed(count: number, confirmed: number): void {
  if (count <= confirmed + Math.ceil(confirmed * ROOM)) return;
  const more = confirmed > 0 ? `, more than the ${confirmed} that were confirmed` : "";
  const message = `This affects ${count} active ${count === 1 ? "session" : "sessions"}${more}. Confirm this number.`;
  throw new Refusal({ type: "ConfirmationNeeded", message, count });
}
