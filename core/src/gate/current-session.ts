import type { PresentedToken } from "../cookies/session-cookie.ts";
import type { Session } from "../session.ts";
import type { ActivityAnswer } from "../verdict/verdict.ts";

/** The session in use and its token in this request. */
export interface CurrentSession {
  session: Session;
  readonly presented: PresentedToken;
  /** For a later stage of the request. */
  readonly activity?: ActivityAnswer | undefined;
}
