import type { GateResponse } from "../answers/gate-response.ts";
import type { Reason, RefusalReason } from "../answers/reasons.ts";
import type { Refusals } from "../answers/refusals.ts";
import type { Session } from "../session.ts";

/** What happens to a request: the handler runs, with or without a session, or core answers it. */
export type Outcome =
  | { readonly kind: "proceed"; readonly session: Session; readonly reason?: undefined; readonly response?: undefined }
  | { readonly kind: "proceed"; readonly session: null; readonly reason: RefusalReason; readonly response?: undefined }
  | { readonly kind: "respond"; readonly reason: Reason; readonly response: GateResponse };

export function anonymous(reason: RefusalReason): Outcome {
  return { kind: "proceed", session: null, reason };
}

export function respond(reason: RefusalReason, refusals: Refusals): Outcome {
  return { kind: "respond", reason, response: refusals.refuse(reason) };
}
