/** What every adapter shares, and what an application may use beside one. */
export type { ListedSession, LoginOptions, SessionActions } from "./actions.ts";
export { type AttachedRequest, type Binding, createGate, type Gate } from "./adapter.ts";
export type { CommandErrorOf } from "./contract/index.ts";
export type { CookieOptions } from "./cookie-options.ts";
export type { PresentedToken } from "./cookies.ts";
export type { CredentialChange, ResponseSink } from "./credential-response.ts";
export type { DeviceEvidence } from "./device.ts";
export type { DevicePage, DevicePageAnswer } from "./device-page/page.ts";
export { type ActionErrorCode, ConfigurationError, type ErrorCode, SessionActionError } from "./errors.ts";
export type { Finding, Recollection } from "./finding.ts";
export { checkRequirements, type SessionRequirements } from "./guard.ts";
export type { ByoSessionOptions, LegacySession, NewDevice } from "./options.ts";
export type { GateResponse, Outcome, Reason, RefusalReason } from "./outcome.ts";
export { createPendingChange, type PendingChange } from "./pending-change.ts";
export { isPageNavigation, type RequestView } from "./request.ts";
export { addChange, CDN_HEADERS, type HeaderStore, type MultiHeaderStore, setHeaders } from "./response-headers.ts";
export { safeReturnTo } from "./return-to.ts";
export type {
  ReadonlyJson,
  ReadonlySessionMetadata,
  Register,
  Session,
  SessionMetadata,
  SessionTag,
} from "./session.ts";
export type { SidecarAddress } from "./sidecar/address.ts";
export {
  type Carrier,
  type CarrierFactory,
  type CarrierOptions,
  DeadlinePassed,
  type SidecarAnswer,
} from "./sidecar/carrier.ts";
export { type ClientOptions, createClient, type SidecarClient } from "./sidecar/client.ts";
export type { HeldAnswers, HoldCounts } from "./sidecar/holds/held-answers.ts";
export { type Failure, type Result, ResultError, type Success } from "./sidecar/result.ts";
export type { ClientAnswer, SessionClient } from "./sidecar/session-client.ts";
export type { Revalidation, UpgradeResult } from "./upgrade.ts";
