import type { RefusalReason } from "../answers/reasons.ts";
import type { PresentedToken } from "../cookies/session-cookie.ts";
import type { DeviceEvidence } from "../device/evidence.ts";
import { changeSession, type Session } from "../session.ts";
import type { Engine, Examination } from "./engine.ts";
import { type ActivityAnswer, COUNTED, type Verdict } from "./verdict.ts";

/** What core found out about a request's credentials, for a host that handles a request in two stages. */
export interface Finding {
  /** As the request presented them; a later stage presents them again. */
  readonly tokens: readonly PresentedToken[];
  readonly outcome:
    | {
        readonly session: Session;
        readonly presented: PresentedToken;
        readonly activity?: ActivityAnswer | undefined;
      }
    | {
        readonly session: null;
        readonly reason: RefusalReason;
        /** A later stage must clear the cookie of the ended session. */
        readonly keepsCookie?: boolean;
      };
}

/**
 * A finding as the later stage gets it. `validated`: the sidecar has accepted the request, but the session must still
 * be read.
 */
export type Recollection =
  | Finding["outcome"]
  | { readonly session: "validated"; readonly deviceEvidence: DeviceEvidence };

/** The verdict for a recollection. The session is not rotated again, and the proof is not used again. */
export async function verdictOf(
  recollection: Recollection,
  engine: Engine,
  examination: Pick<Examination, "view" | "tokens" | "deviceCookie" | "activity">,
): Promise<Verdict> {
  const { session } = recollection;
  if (session === null) return { kind: recollection.keepsCookie ? "ended" : "refused", reason: recollection.reason };
  // Frozen again, because it was serialised in between.
  if (session !== "validated") {
    // The earlier stage has counted it unless it says otherwise.
    const { presented, activity = COUNTED } = recollection;
    return { kind: "authenticated", session: changeSession(session, {}), presented, activity };
  }
  const { deviceEvidence: knownEvidence } = recollection;
  return engine.examine({ ...examination, proof: { kind: "none" }, mayRotate: false, knownEvidence });
}
