import type { RefusalReason } from "../answers/reasons.ts";
import type { PresentedToken } from "../cookies/session-cookie.ts";
import type { DeviceEvidence } from "../device/evidence.ts";
import { changeSession, type Session } from "../session.ts";
import type { Engine, Examination } from "./engine.ts";
import type { Verdict } from "./verdict.ts";

/** What became of a request's credentials, for a host that handles one request in two stages. */
export interface Finding {
  /** As the request presented them, which a later stage of it does again. */
  readonly tokens: readonly PresentedToken[];
  readonly outcome:
    | { readonly session: Session; readonly presented: PresentedToken }
    | {
        readonly session: null;
        readonly reason: RefusalReason;
        /** The cookie of the ended session has been left for a later stage to clear. */
        readonly keepsCookie?: boolean;
      };
}

/** A finding as it comes back. `validated`: the sidecar has accepted the request, but must be asked for the session. */
export type Recollection =
  | Finding["outcome"]
  | { readonly session: "validated"; readonly deviceEvidence: DeviceEvidence };

/** The verdict that a recollection stands for. The request is never rotated again, nor its proof spent again. */
export async function verdictOf(
  recollection: Recollection,
  engine: Engine,
  examination: Pick<Examination, "view" | "tokens" | "deviceCookie">,
): Promise<Verdict> {
  const { session } = recollection;
  if (session === null) return { kind: recollection.keepsCookie ? "ended" : "refused", reason: recollection.reason };
  // Frozen anew: it has been text in between.
  if (session !== "validated") {
    return { kind: "authenticated", session: changeSession(session, {}), presented: recollection.presented };
  }
  const { deviceEvidence: knownEvidence } = recollection;
  return engine.examine({ ...examination, proof: { kind: "none" }, mayRotate: false, knownEvidence });
}
