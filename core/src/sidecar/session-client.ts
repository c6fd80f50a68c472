import type {
  CommandData,
  CommandResponse,
  CreatedImpersonation,
  CreateImpersonationData,
  CreateSessionData,
  RegisterDeviceData,
  ValidatedImpersonation,
  ValidateImpersonationData,
  ValidateSessionData,
} from "../contract/index.ts";
import type { HeldAnswers } from "./holds/held-answers.ts";
import { fail } from "./result.ts";
import { createSessionWatch } from "./watch/session-watch.ts";
import type { WatchedState, WatchSession } from "./watch/watcher.ts";

/** An answer from any client of the contract; the public one has no `status`, and no details about a network fault. */
export type ClientAnswer<T> =
  | { readonly ok: true; readonly data: T }
  | {
      readonly ok: false;
      readonly error: { type: string; details?: unknown; replaced?: unknown; endReason?: unknown };
      readonly status?: number;
    };

/** What the middleware needs from a client. Both this package's `createClient()` and the public client's fit. */
export interface SessionClient {
  /** It passes on device cookies, which the public client does not. */
  readonly hasDeviceCookies?: true;
  /** What it holds of earlier answers; the public client holds nothing. */
  readonly holds?: HeldAnswers;
  /** Reports what happens to a session. For the public client, which cannot, the sidecar is polled. */
  readonly watch?: WatchSession;
  ping(data: CommandData["Ping"]): Promise<ClientAnswer<CommandResponse["Ping"]>>;
  /** Undefined: no employee can impersonate a user. */
  readonly impersonation?: ImpersonationClient;
  readonly session: {
    create(data: CreateSessionData): Promise<ClientAnswer<CommandResponse["CreateSession"]>>;
    validate(data: ValidateSessionData): Promise<ClientAnswer<CommandResponse["ValidateSession"]>>;
    validateAndRefresh(data: ValidateSessionData): Promise<ClientAnswer<CommandResponse["ValidateAndRefreshSession"]>>;
    /** Not in the public client; without it, `requireSession({ activity: false })` is refused. */
    noteActivity?(data: CommandData["NoteActivity"]): Promise<ClientAnswer<unknown>>;
    fetchAllForUser(data: CommandData["FetchAllSessionsForUser"]): Promise<ClientAnswer<FetchedSessions>>;
    fetchById(data: CommandData["FetchSessionById"]): Promise<ClientAnswer<WatchedState>>;
    update(data: CommandData["UpdateSession"]): Promise<ClientAnswer<unknown>>;
    invalidateById(data: CommandData["InvalidateSessionById"]): Promise<ClientAnswer<unknown>>;
    invalidateByToken(data: CommandData["InvalidateSessionByToken"]): Promise<ClientAnswer<unknown>>;
    invalidateAllForUser(data: CommandData["InvalidateAllSessionsForUser"]): Promise<ClientAnswer<Invalidated>>;
    invalidateAllForUserExceptOne(
      data: CommandData["InvalidateAllSessionsForUserExceptOne"],
    ): Promise<ClientAnswer<Invalidated>>;
    /** Not in the public client; without it there is no back-channel logout. */
    invalidateMany?(
      data: CommandData["InvalidateSessions"],
    ): Promise<ClientAnswer<CommandResponse["InvalidateSessions"]>>;
    /** These two are for the option `stateless`. */
    createStatelessToken?(
      data: CommandData["CreateStatelessToken"],
    ): Promise<ClientAnswer<CommandResponse["CreateStatelessToken"]>>;
    getJwks?(data: CommandData["GetJwks"]): Promise<ClientAnswer<CommandResponse["GetJwks"]>>;
    /** The public client has neither this nor the next; without them a bound session cannot open a WebSocket. */
    createUpgradeTicket?(data: CommandData["CreateUpgradeTicket"]): Promise<ClientAnswer<UpgradeTicket>>;
    redeemUpgradeTicket?(data: CommandData["RedeemUpgradeTicket"]): Promise<ClientAnswer<RedeemedTicket>>;
    readonly device: {
      createChallenge(data: CommandData["CreateDeviceChallenge"]): Promise<ClientAnswer<DeviceChallengeAnswer>>;
      register(data: RegisterDeviceData): Promise<ClientAnswer<CommandResponse["RegisterDevice"]>>;
      /** Not in the public client; without it, a login without a device is not compared with the remembered devices. */
      fetchRememberedForUser?(
        data: CommandData["FetchRememberedDevicesForUser"],
      ): Promise<ClientAnswer<CommandResponse["FetchRememberedDevicesForUser"]>>;
    };
  };
}

/** The commands of impersonation that the middleware uses. */
export interface ImpersonationClient {
  create(data: CreateImpersonationData): Promise<ClientAnswer<CreatedImpersonation>>;
  validate(data: ValidateImpersonationData): Promise<ClientAnswer<ValidatedImpersonation>>;
  invalidateByToken(data: CommandData["InvalidateImpersonationSessionByToken"]): Promise<ClientAnswer<unknown>>;
}

/** A client that has what the option `stateless` needs. */
export interface StatelessClient {
  readonly session: Required<Pick<SessionClient["session"], "createStatelessToken" | "getJwks">>;
}

export function isStatelessClient(client: SessionClient): client is SessionClient & StatelessClient {
  return client.session.createStatelessToken !== undefined && client.session.getJwks !== undefined;
}

/** A client that can watch sessions, by pushes or by polling. */
export type WatchingClient = SessionClient & Required<Pick<SessionClient, "watch">>;

export type UpgradeTicket = CommandResponse["CreateUpgradeTicket"];
type RedeemedTicket = CommandResponse["RedeemUpgradeTicket"];
type DeviceChallengeAnswer = CommandResponse["CreateDeviceChallenge"];
type Invalidated = CommandResponse["InvalidateAllSessionsForUser"];
interface FetchedSessions {
  sessions: WatchedState[];
}

/**
 * Adds a deadline to the application's own client, which may have none: the public client waits forever. A rejection
 * counts as no answer too.
 */
export function withDeadline(client: SessionClient, timeoutMs: number, hold = true): WatchingClient {
  const inTime =
    <D, T>(call: (data: D) => Promise<ClientAnswer<T>>) =>
    (data: D): Promise<ClientAnswer<T>> =>
      race(() => call(data), timeoutMs);
  const { session, impersonation } = client;
  const createStatelessToken = session.createStatelessToken?.bind(session);
  const getJwks = session.getJwks?.bind(session);
  const fetchById = inTime((data: CommandData["FetchSessionById"]) => session.fetchById(data));
  // Each call goes through its object, because the public client's methods need `this`.
  return {
    ...(hold && client.holds && { holds: client.holds }),
    watch:
      client.watch ?? createSessionWatch({ fetch: (sessionId) => fetchById({ sessionId }), log: console.warn }).watch,
    ping: inTime((data) => client.ping(data)),
    ...(impersonation && {
      impersonation: {
        create: inTime((data) => impersonation.create(data)),
        validate: inTime((data) => impersonation.validate(data)),
        invalidateByToken: inTime((data) => impersonation.invalidateByToken(data)),
      },
    }),
    session: {
      create: inTime((data) => session.create(data)),
      validate: inTime((data) => session.validate(data)),
      validateAndRefresh: inTime((data) => session.validateAndRefresh(data)),
      ...(session.noteActivity && { noteActivity: inTime(session.noteActivity) }),
      fetchAllForUser: inTime((data) => session.fetchAllForUser(data)),
      fetchById,
      update: inTime((data) => session.update(data)),
      invalidateById: inTime((data) => session.invalidateById(data)),
      invalidateByToken: inTime((data) => session.invalidateByToken(data)),
      invalidateAllForUser: inTime((data) => session.invalidateAllForUser(data)),
      invalidateAllForUserExceptOne: inTime((data) => session.invalidateAllForUserExceptOne(data)),
      ...(session.invalidateMany && { invalidateMany: inTime(session.invalidateMany) }),
      ...(createStatelessToken && { createStatelessToken: inTime(createStatelessToken) }),
      ...(getJwks && { getJwks: inTime(getJwks) }),
      ...(session.createUpgradeTicket && { createUpgradeTicket: inTime(session.createUpgradeTicket) }),
      ...(session.redeemUpgradeTicket && { redeemUpgradeTicket: inTime(session.redeemUpgradeTicket) }),
      device: {
        createChallenge: inTime((data) => session.device.createChallenge(data)),
        register: inTime((data) => session.device.register(data)),
        ...(session.device.fetchRememberedForUser && {
          fetchRememberedForUser: inTime(session.device.fetchRememberedForUser),
        }),
      },
    },
  };
}

async function race<T>(call: () => Promise<ClientAnswer<T>>, timeoutMs: number): Promise<ClientAnswer<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<ClientAnswer<T>>((resolve) => {
    timer = setTimeout(() => resolve(noAnswer(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([call(), late]);
  } catch {
    return noAnswer("the client rejected");
  } finally {
    clearTimeout(timer);
  }
}

function noAnswer<T>(details: string): ClientAnswer<T> {
  return fail({ type: "UnexpectedError", details });
}
