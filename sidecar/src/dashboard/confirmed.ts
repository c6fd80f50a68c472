import type { BoundedCount } from "./contract/sessions.ts";
import { Refusal } from "./refusal.ts";

/** Sessions come and go between the preview and the click. */
const ROOM = 0.1;

/**
 * What ends or shuts out sessions needs the number that a person has read and typed. It is refused if it would now be
 * clearly more. A lower bound is confirmed only by someone who has read that it is one.
 */
export function requireConfirmed({ count, isCapped }: BoundedCount, confirmed: BoundedCount): void {
  const isKnown = confirmed.isCapped || !isCapped;
  if (isKnown && count <= confirmed.count + Math.ceil(confirmed.count * ROOM)) return;
  const affected = `${isCapped ? "at least " : ""}${count} active ${count === 1 ? "session" : "sessions"}`;
  const more = confirmed.count > 0 ? `, more than the ${confirmed.count} that were confirmed` : "";
  const message = `This affects ${affected}${more}. Confirm this number.`;
  throw new Refusal({ type: "ConfirmationNeeded", message, count, isCapped });
}
