/** What every adapter shares, and what an application may use in addition to an adapter. */

export type { GateResponse } from "./answers/gate-response.ts";
export type { Reason, RefusalReason } from "./answers/reasons.ts";
export {
  addChange,
  CDN_HEADERS,
  type HeaderStore,
  type MultiHeaderStore,
  setHeaders,
} from "./answers/response-headers.ts";
export type { OidcClaims } from "./backchannel-logout/oidc-tags.ts";
export type { LogoutProvider } from "./backchannel-logout/provider.ts";
export type { CommandErrorOf } from "./contract/index.ts";
export type { CookieOptions } from "./cookies/cookie-options.ts";
export type { PresentedToken } from "./cookies/session-cookie.ts";
export type { CredentialChange, ResponseSink } from "./credentials/credential-response.ts";
export { createPendingChange, type PendingChange } from "./credentials/pending-change.ts";
export type { DeviceEvidence } from "./device/evidence.ts";
export type { DevicePage, DevicePageAnswer } from "./device-page/page.ts";
export { type ActionErrorCode, ConfigurationError, type ErrorCode, SessionActionError } from "./errors.ts";
export type { ListedSession, LoginOptions, SessionActions } from "./gate/actions/session-actions.ts";
export type { AttachedRequest } from "./gate/attached-request.ts";
export { type Binding, createGate, type Gate } from "./gate/gate.ts";
export { checkRequirements, type SessionRequirements } from "./gate/guard.ts";
export type { Revalidation, SessionWatcher } from "./gate/live-session.ts";
export type { Outcome } from "./gate/outcome.ts";
export type { OpenedSocket, UpgradeResult } from "./gate/upgrade.ts";
export type { ImpersonateOptions } from "./impersonation/impersonated.ts";
export type { ImpersonationRule } from "./impersonation/rule.ts";
export { safeReturnTo } from "./paths/return-to.ts";
export type { RequestBody } from "./request/request-body.ts";
export { isPageNavigation, type RequestView } from "./request/request-view.ts";
export type {
  Impersonator,
  ReadonlyJson,
  ReadonlySessionMetadata,
  Register,
  Session,
  SessionMetadata,
  SessionTag,
} from "./session.ts";
export type {
  ByoSessionOptions,
  LegacySession,
  NewDevice,
  RoutesOptions,
  StatelessOption,
} from "./settings/options.ts";
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
export type { KnownSession, SessionEnd, WatchedState, Watcher, WatchSession } from "./sidecar/watch/watcher.ts";
export type { Finding, Recollection } from "./verdict/finding.ts";
