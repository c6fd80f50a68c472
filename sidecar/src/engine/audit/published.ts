import type { AuditEventName } from "./event.ts";

/** What webhooks say of an event. */
interface Published {
  type: string;
  /** Those of the event's details that are sent. The others may name addresses, or quote what someone wrote. */
  details?: readonly string[];
}

/**
 * What webhooks say of each event of the audit trail; null: nothing. Refusals are not sent, because anyone can cause any
 * number of them; nor are steps that need no action.
 */
const PUBLISHED: Readonly<Record<AuditEventName, Published | null>> = {
  SessionCreated: { type: "session.created", details: ["newDeviceDetected", "lifetimeSecs"] },
  SessionCreateRefused: null,
  SessionRefused: null,
  DeviceProofMissing: null,
  NewerTokenAdopted: { type: "session.token_adopted" },
  SessionEnded: { type: "session.ended", details: ["cause"] },
  RotationStarted: null,
  RotationConfirmed: null,
  CookieRestored: null,
  DeviceRegistered: { type: "device.registered", details: ["newDeviceDetected", "remembered"] },
  DeviceRegistrationRefused: null,
  DeviceForgotten: { type: "device.forgotten", details: ["deviceId"] },
  DeviceForgottenForAll: null,
  DevicesForgotten: { type: "devices.forgotten", details: ["count"] },
  SessionShared: { type: "session.shared" },
  UserAgentUpgraded: null,
  UserAgentFlagged: { type: "session.user_agent_changed" },
  SessionUpdated: { type: "session.updated", details: ["tagsBefore"] },
  ImpersonationStarted: { type: "impersonation.started", details: ["impersonationId", "employeeEmail"] },
  ImpersonationRefused: null,
  ImpersonationEnded: { type: "impersonation.ended", details: ["impersonationId", "employeeEmail"] },
  ImpersonationsEnded: null,
  IntegrationKeyCreated: { type: "key.created", details: ["keyId", "name", "capabilities"] },
  IntegrationKeyRevoked: { type: "key.revoked", details: ["keyId", "name"] },
  StatelessTokenKeyCreated: { type: "token_key.created", details: ["keyId"] },
  StatelessTokenKeyRotated: { type: "token_key.rotated", details: ["keyId"] },
  ConfigChanged: { type: "config.changed", details: ["files"] },
  ConfigRefused: { type: "config.refused" },
  DatabaseRecovered: { type: "database.recovered" },
  UserErased: { type: "user.erased", details: ["target"] },
  SessionsEnded: null,
  SessionsExported: { type: "data.exported", details: ["format"] },
  TimelineExported: { type: "data.exported", details: ["format"] },
  LogExported: { type: "data.exported", details: ["format"] },
  PolicyEdited: { type: "policy.changed", details: ["revision"] },
  PolicyReplacedByFile: { type: "policy.changed", details: ["revision"] },
  DashboardLogin: null,
  DashboardLoginRefused: null,
  DashboardLogout: null,
  DashboardTokenReused: { type: "dashboard.token_reused" },
  DashboardPasswordChanged: null,
  DashboardPasswordConfirmed: null,
  DashboardPasswordReset: { type: "dashboard.password_reset", details: ["target"] },
  DashboardSecondFactorEnabled: null,
  DashboardSecondFactorRemoved: { type: "dashboard.second_factor_removed", details: ["target"] },
  DashboardUserCreated: { type: "dashboard.user_created", details: ["target", "after"] },
  DashboardUserChanged: { type: "dashboard.user_changed", details: ["target", "before", "after"] },
  DashboardOwnerReset: { type: "dashboard.owner_reset", details: ["target"] },
  WebhookCreated: { type: "webhook.created", details: ["endpointId", "target"] },
  WebhookChanged: { type: "webhook.changed", details: ["endpointId", "target"] },
  WebhookDeleted: { type: "webhook.deleted", details: ["endpointId", "target"] },
  WebhookSecretRotated: { type: "webhook.secret_rotated", details: ["endpointId", "target"] },
  WebhookTested: null,
  WebhookReplayed: null,
};

/** A login or a registration with a device that the user has not used before has this type too. */
const NEW_DEVICE = "device.new";

/** Each type with the events that it is sent for. */
export const TYPE_OF_EVENT: readonly { event: AuditEventName; type: string; onlyNewDevice: boolean }[] = [
  ...entries().map(({ event, type }) => ({ event, type, onlyNewDevice: false })),
  { event: "SessionCreated", type: NEW_DEVICE, onlyNewDevice: true },
  { event: "DeviceRegistered", type: NEW_DEVICE, onlyNewDevice: true },
];

/** All types, in the order of the alphabet. */
export const WEBHOOK_TYPES: readonly string[] = [...new Set(TYPE_OF_EVENT.map(({ type }) => type))].sort();

/** Those of an event's details that are sent. */
export function publishedDetails(event: string, details: Record<string, unknown> | null): Record<string, unknown> {
  const names = entries().find((entry) => entry.event === event)?.details ?? [];
  return Object.fromEntries(names.flatMap((name) => (details && name in details ? [[name, details[name]]] : [])));
}

function entries(): (Published & { event: AuditEventName })[] {
  return (Object.keys(PUBLISHED) as AuditEventName[]).flatMap((event) => {
    const published = PUBLISHED[event];
    return published ? [{ event, ...published }] : [];
  });
}
