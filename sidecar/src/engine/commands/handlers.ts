import type { CommandData, CommandName, CommandResponse } from "@byo-session/core/contract";
import type { RememberedDevices } from "../devices/remembered.ts";
import type { DeviceService } from "../devices/service.ts";
import type { Grant } from "../holds/grant.ts";
import type { Impersonations } from "../impersonation/service.ts";
import type { WithClientAddress } from "../policy/client-address.ts";
import { type Answer, fail, succeed } from "../sessions/dependencies.ts";
import type { SessionService } from "../sessions/service.ts";
import type { StatelessTokens } from "../stateless-tokens/service.ts";
import type { UpgradeTickets } from "../tickets/service.ts";

/** What a command works with. */
export interface CommandContext {
  sessions: SessionService;
  devices: DeviceService;
  rememberedDevices: RememberedDevices;
  tickets: UpgradeTickets;
  statelessTokens: StatelessTokens;
  impersonations: Impersonations;
  /** The database's clock, in milliseconds since 1970. */
  clock: () => Promise<number>;
  /** The integration key that asks, for the audit trail: `key:<id>`. */
  actor: string;
  /** Undefined: the answer cannot be held. */
  grant: Grant | undefined;
}

/** Gets data that the contract's schema has checked, with the client's address canonical. */
type Handler<C extends CommandName> = (
  data: WithClientAddress<CommandData[C]>,
  context: CommandContext,
) => Promise<Answer<CommandResponse[C]>>;

export const HANDLERS: { readonly [C in CommandName]: Handler<C> } = {
  Ping: async ({ extensions }, { clock }) =>
    succeed({
      timestamp: Math.floor((await clock()) / 1000),
      ...(extensions && { extensions: ["device-cookies" as const] }),
    }),
  CreateSession: (data, { sessions, actor }) => sessions.create(data, actor),
  ValidateSession: (data, { sessions, grant }) => sessions.validate(data, { refresh: false, grant }),
  ValidateAndRefreshSession: (data, { sessions, grant }) => sessions.validate(data, { refresh: true, grant }),
  NoteActivity: (data, { sessions }) => sessions.noteActivity(data),
  FetchAllSessionsForUser: (data, { sessions }) => sessions.list.ofUser(data),
  FetchAllSessions: (data, { sessions }) => sessions.list.page(data),
  FetchSessionById: (data, { sessions }) => sessions.list.byId(data),
  UpdateSession: (data, { sessions, actor }) => sessions.update.one(data, actor),
  UpdateSessions: (data, { sessions, actor }) => sessions.update.many(data, actor),
  InvalidateSessionByToken: (data, { sessions }) => sessions.invalidate.byToken(data),
  InvalidateSessionById: (data, { sessions, actor }) => sessions.invalidate.byId(data, { actor }),
  InvalidateAllSessionsForUser: (data, { sessions, actor }) => sessions.invalidate.allForUser(data, actor),
  InvalidateAllSessionsForUserExceptOne: (data, { sessions, actor }) =>
    sessions.invalidate.allForUserExceptOne(data, actor),
  InvalidateSessions: (data, { sessions, actor }) => sessions.invalidate.many(data, actor),
  async CreateDeviceChallenge({ ipAddress: ip, isIpMalformed, userAgent }, { devices }) {
    if (isIpMalformed) return fail({ type: "UnexpectedError", details: "ipAddress: expected an IP address" }, 400);
    return succeed(await devices.challenge({ ip, userAgent }));
  },
  RegisterDevice: (data, { sessions, actor }) => sessions.registerDevice(data, actor),
  CreateStatelessToken: (data, { statelessTokens }) => statelessTokens.create(data),
  GetJwks: (_data, { statelessTokens }) => statelessTokens.jwks(),
  RotateStatelessTokenKey: (data, { statelessTokens, actor }) => statelessTokens.rotate(data, { actor }),
  CreateImpersonationSession: (data, { impersonations, actor }) => impersonations.create(data, actor),
  ValidateImpersonationSession: (data, { impersonations }) => impersonations.validate(data),
  FetchImpersonationSessionById: (data, { impersonations }) => impersonations.list.byId(data),
  FetchAllImpersonationSessionsForEmployee: (data, { impersonations }) => impersonations.list.ofEmployee(data),
  FetchAllImpersonationSessionsForUser: (data, { impersonations }) => impersonations.list.ofUser(data),
  FetchAllActiveImpersonationSessions: (data, { impersonations }) => impersonations.list.active(data),
  InvalidateImpersonationSessionById: (data, { impersonations, actor }) => impersonations.end.byId(data, { actor }),
  InvalidateImpersonationSessionByToken: (data, { impersonations }) => impersonations.end.byToken(data),
  InvalidateAllImpersonationSessionsForEmployee: (data, { impersonations, actor }) =>
    impersonations.end.ofEmployee(data, { actor }),
  InvalidateAllImpersonationSessionsForUser: (data, { impersonations, actor }) =>
    impersonations.end.ofUser(data, { actor }),
  FetchVisibleImpersonationsForUser: (data, { impersonations }) => impersonations.list.visibleToUser(data),
  CreateUpgradeTicket: (data, { tickets }) => tickets.create(data),
  RedeemUpgradeTicket: (data, { tickets }) => tickets.redeem(data),
  FetchRememberedDevicesForUser: async (data, { rememberedDevices }) => succeed(await rememberedDevices.list(data)),
  ForgetRememberedDevice: async (data, { rememberedDevices, actor }) =>
    succeed(await rememberedDevices.forget(data, actor)),
};
