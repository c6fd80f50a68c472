import type { Aim } from "./inputs.ts";
import type { RawAnswer, RawRequest } from "./send.ts";
import type { State } from "./states.ts";

/** What an answer shows of a handler that may not have run, or of a session that nobody may see; undefined: nothing. */
export function whatPassed(
  aim: Aim,
  sent: RawRequest,
  answer: RawAnswer,
  { isGood = false, mark }: Pick<State, "isGood" | "mark">,
): string | undefined {
  const { status, text } = answer;
  if (mark !== undefined) return status < 300 && text.includes(mark) ? `${mark} is shown` : undefined;
  // A valid session may show in what is not found.
  if (!isGood && /"sessionId":|"userId":"/.test(text)) return "a session is shown";
  if (text === "in") return "the guarded handler answers";
  if (isNextsOwn(sent, answer)) return undefined;
  // OPTIONS is answered by guards and frameworks for themselves, without the handler: what that one would say is above.
  if (aim.kind === "guarded" && status < 300 && sent.method !== "OPTIONS") return `it is answered ${status}`;
  return undefined;
}

/** Next answers this header by itself, with nothing in it: no handler of the app's has so little to say. */
function isNextsOwn({ method, headers }: RawRequest, { text }: RawAnswer): boolean {
  return headers.some(([name]) => name === "x-middleware-prefetch") && text === (method === "HEAD" ? "" : "{}");
}
