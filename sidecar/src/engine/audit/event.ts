/** All events of the audit trail. The list is closed: dashboards and alerts switch on these names. */
export type AuditEventName =
  | "SessionCreated"
  | "SessionCreateRefused"
  | "SessionRefused"
  | "DeviceProofMissing"
  | "SessionEnded"
  | "RotationStarted"
  | "RotationConfirmed"
  | "CookieRestored"
  | "NewerTokenAdopted"
  | "DeviceRegistered"
  | "DeviceRegistrationRefused"
  | "DeviceForgotten"
  | "DevicesForgotten"
  | "DeviceForgottenForAll"
  | "SessionShared"
  | "UserAgentUpgraded"
  | "UserAgentFlagged"
  | "SessionUpdated"
  | "ImpersonationStarted"
  | "ImpersonationRefused"
  | "ImpersonationEnded"
  | "ImpersonationsEnded"
  | "IntegrationKeyCreated"
  | "IntegrationKeyRevoked"
  | "StatelessTokenKeyCreated"
  | "StatelessTokenKeyRotated"
  | "ConfigChanged"
  | "ConfigRefused"
  | "UserErased"
  | "DatabaseRecovered"
  | "SessionsEnded"
  | "SessionsExported"
  | "TimelineExported"
  | "LogExported"
  | "PolicyEdited"
  | "PolicyReplacedByFile"
  | "DashboardLogin"
  | "DashboardLoginRefused"
  | "DashboardLogout"
  | "DashboardTokenReused"
  | "DashboardPasswordChanged"
  | "DashboardPasswordConfirmed"
  | "DashboardPasswordReset"
  | "DashboardSecondFactorEnabled"
  | "DashboardSecondFactorRemoved"
  | "DashboardUserCreated"
  | "DashboardUserChanged"
  | "DashboardOwnerReset"
  | "WebhookCreated"
  | "WebhookChanged"
  | "WebhookDeleted"
  | "WebhookSecretRotated"
  | "WebhookTested"
  | "WebhookReplayed";

/** One event. Never holds a token, key, password or proof. */
export interface AuditEvent {
  event: AuditEventName;
  sessionId?: string;
  userId?: string;
  tags?: readonly string[];
  ipAddress?: string;
  userAgent?: string;
  /**
   * Who did it: `user`, `system`, `operator` (the command line), `key:<id>` of an integration key,
   * `employee:<email address>` who acts as the user, `dashboard:<username>`.
   */
  actor?: string;
  reason?: string;
  details?: Record<string, unknown>;
  /** The request in which it happened, for the line in the log. */
  requestId?: string;
  /** The trace that the caller said it works on. */
  traceId?: string;
}
