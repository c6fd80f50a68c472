import type { ClientAnswer, SessionClient } from "@byo-session/core";
import {
  type CommandData,
  type CommandName,
  type CommandResponse,
  inputOf,
  invalidImpersonationToken,
  invalidToken,
  type ValidatedSession,
} from "@byo-session/core/contract";
import type { FakeImpersonations } from "./fake-impersonations.ts";
import { type FakeSessions, type HeldSession, LIFETIME_SECS } from "./fake-sessions.ts";
import { type FakeFailure, fail, failureOf, fakeChallenge } from "./refusals.ts";

const TAG = /^[^\s\p{Cc}:]+:[^\s\p{Cc}]+$/u;

/** A client whose sidecar is in memory. It knows sessions, but no policy: no limits, no addresses, no rotation. */
export function createFakeClient(sessions: FakeSessions, impersonations: FakeImpersonations): SessionClient {
  const { nowSecs } = sessions;
  const remembered = new Set<string>();
  const usedLegacyIds = new Set<string>();
  const attemptsById = new Map<string, string>();

  const create = command("CreateSession", (data) => {
    const { userId, tags = [], metadata, legacyId, authenticatedAt, deviceRegistration } = data;
    const badTag = tags.find((tag) => !TAG.test(tag));
    if (badTag !== undefined) return fail({ type: "TagParseError", details: { InvalidTagFormat: badTag } });
    if (legacyId !== undefined && usedLegacyIds.has(legacyId)) return fail({ type: "LegacySessionUsed" });
    if (legacyId !== undefined) usedLegacyIds.add(legacyId);
    const device = deviceRegistration?.signedDeviceChallenge;
    const createdAt = (legacyId !== undefined && authenticatedAt) || nowSecs();
    const expiresAt = createdAt + Math.min(LIFETIME_SECS, data.lifetimeSecs ?? LIFETIME_SECS);
    const session = sessions.hold({ userId, tags: [...new Set(tags)], metadata, device, createdAt, expiresAt });
    return succeed({
      sessionId: session.sessionId,
      sessionToken: session.token,
      expiresAt: session.expiresAt,
      ...(deviceRegistration && { ...meet(userId, deviceRegistration), ...cookieFor(session, data) }),
      ...(legacyId !== undefined && { legacyIdRecorded: true }),
    });
  });

  const validate = command("ValidateSession", (data) => {
    const session = sessions.byToken(data.sessionToken);
    if (session === undefined) return failureOf("NotFound", nowSecs());
    const refusal = refusalOf(session, data);
    if (refusal !== undefined) return failureOf(refusal, nowSecs());
    const missing = data.requiredTags?.find((tag) => !session.tags.includes(tag));
    const byCookie = session.device !== undefined && !data.deviceVerification && !data.ignoreDeviceForVerification;
    const evidence = byCookie ? ({ deviceEvidence: "recent" } as const) : cookieFor(session, data);
    if (missing === undefined) return succeed({ ...validated(session), ...evidence, ...activityOf(data) });
    return fail(invalidToken("MissingRequiredTag", missing));
  });

  /** The first refusal that applies, in the sidecar's order. */
  function refusalOf(session: HeldSession, data: CommandData["ValidateSession"]) {
    if (session.refusal !== undefined) return session.refusal;
    if (nowSecs() >= session.expiresAt) return "Expired";
    if (nowSecs() >= (session.idleExpiresAt ?? session.expiresAt)) return "Inactive";
    if (session.device === undefined || data.ignoreDeviceForVerification) return undefined;
    if (data.deviceVerification === undefined) {
      return data.deviceCookie === deviceCookieOf(session) ? undefined : "DeviceVerificationRequired";
    }
    return data.deviceVerification.signedDeviceChallenge === session.device ? undefined : "DeviceVerificationFailed";
  }

  /** Whether a device is new to its user; remembers it if requested. */
  function meet(userId: string, proof: { signedDeviceChallenge: string; rememberDevice?: boolean }) {
    const device = JSON.stringify([userId, proof.signedDeviceChallenge]);
    const newDeviceDetected = !remembered.has(device);
    if (proof.rememberDevice) remembered.add(device);
    return { newDeviceDetected };
  }

  function end(ended: HeldSession[], reason: "LoggedOut" | "Revoked") {
    for (const session of ended) session.refusal = reason;
    return { sessionsInvalidated: ended.length };
  }

  return {
    hasDeviceCookies: true,
    ping: command("Ping", ({ extensions }) =>
      succeed({ timestamp: nowSecs(), ...(extensions && { extensions: ["device-cookies" as const] }) }),
    ),
    impersonation: {
      create: command("CreateImpersonationSession", (data) => succeed(impersonations.create(data))),
      validate: command("ValidateImpersonationSession", ({ impersonationToken }) => {
        const found = impersonations.byToken(impersonationToken);
        return found ? succeed(found) : fail(invalidImpersonationToken("NotFound"));
      }),
      invalidateByToken: command("InvalidateImpersonationSessionByToken", ({ impersonationSessionToken }) =>
        impersonations.end(impersonationSessionToken) ? succeed({}) : fail({ type: "SessionNotFound" }),
      ),
    },
    session: {
      create,
      validate,
      validateAndRefresh: validate,
      noteActivity: command("NoteActivity", ({ sessionId }) =>
        sessions.byId(sessionId) ? succeed({}) : fail({ type: "SessionNotFound" }),
      ),
      fetchAllForUser: command("FetchAllSessionsForUser", ({ userId, sessionTags = [] }) =>
        succeed({
          sessions: sessions
            .ofUser(userId)
            .filter((session) => hasAll(session, sessionTags))
            .map(info),
        }),
      ),
      fetchById: command("FetchSessionById", ({ sessionId }) => {
        const session = sessions.byId(sessionId);
        return session ? succeed(info(session)) : fail({ type: "SessionNotFound" });
      }),
      update: command("UpdateSession", (data) => {
        const session = sessions.byId(data.sessionId);
        if (!session) return fail({ type: "SessionNotFound" });
        const { tagsToAdd = [], tagsToRemove = [], newMetadata } = data;
        const badTag = tagsToAdd.find((tag) => !TAG.test(tag));
        if (badTag !== undefined) return fail({ type: "InvalidTagFormat", details: { InvalidTagFormat: badTag } });
        if (data.patchMetadata !== undefined) {
          return fail(
            { type: "UnexpectedError", details: "the fake does not support patches: use startTestSidecar()" },
            501,
          );
        }
        session.tags = [...new Set([...session.tags.filter((tag) => !tagsToRemove.includes(tag)), ...tagsToAdd])];
        if (newMetadata !== undefined) session.metadata = newMetadata ?? undefined;
        return succeed({});
      }),
      invalidateById: command("InvalidateSessionById", ({ sessionId, userId }) => {
        const session = sessions.byId(sessionId);
        if (!session || (userId ?? session.userId) !== session.userId) return fail({ type: "SessionNotFound" });
        end([session], "Revoked");
        return succeed({});
      }),
      invalidateByToken: command("InvalidateSessionByToken", ({ sessionToken }) => {
        const session = sessions.byToken(sessionToken);
        const living = session && sessions.byId(session.sessionId);
        end(living ? [living] : [], "LoggedOut");
        return succeed({});
      }),
      invalidateAllForUser: command("InvalidateAllSessionsForUser", ({ userId, sessionTags = [] }) =>
        succeed(
          end(
            sessions.ofUser(userId).filter((session) => hasAll(session, sessionTags)),
            "Revoked",
          ),
        ),
      ),
      invalidateAllForUserExceptOne: command("InvalidateAllSessionsForUserExceptOne", (data) => {
        const others = sessions.ofUser(data.userId).filter(({ token }) => token !== data.sessionTokenToKeep);
        return succeed(
          end(
            others.filter((session) => hasAll(session, data.sessionTags ?? [])),
            "Revoked",
          ),
        );
      }),
      invalidateMany: command("InvalidateSessions", ({ filter, once }) => {
        const { userId, sessionTags = [] } = filter;
        if (userId === undefined && sessionTags.length === 0) {
          return fail({ type: "UnexpectedError", details: "filter: expected a userId or sessionTags" }, 400);
        }
        if (once && (attemptsById.get(once.id) ?? once.attemptId) !== once.attemptId)
          return fail({ type: "AlreadyDone" });
        if (once) attemptsById.set(once.id, once.attemptId);
        const meant = userId === undefined ? sessions.living() : sessions.ofUser(userId);
        return succeed(
          end(
            meant.filter((session) => hasAll(session, sessionTags)),
            "Revoked",
          ),
        );
      }),
      device: {
        createChallenge: command("CreateDeviceChallenge", () => succeed(fakeChallenge(nowSecs()))),
        register: command("RegisterDevice", (data) => {
          const session = sessions.byToken(data.sessionToken) ?? sessions.byId(data.sessionId ?? "");
          if (!session) return fail({ type: "SessionNotFound" });
          if (session.device !== undefined) return fail({ type: "DeviceAlreadyRegistered" });
          session.device = data.signedDeviceChallenge;
          return succeed({ ...meet(session.userId, data), ...cookieFor(session, data) });
        }),
      },
    },
  };
}

type FakeAnswer<T> = { readonly ok: true; readonly data: T } | FakeFailure;

/** Valid as long as the session: a test of its expiry needs startTestSidecar(). */
export function deviceCookieOf({ sessionId }: HeldSession): string {
  return `fake-device-cookie-${sessionId}`;
}

function cookieFor(session: HeldSession, { deviceCookie }: { deviceCookie?: string }) {
  if (session.device === undefined || deviceCookie === undefined || deviceCookie === deviceCookieOf(session)) return {};
  return { newDeviceCookie: { value: deviceCookieOf(session), lifetimeSecs: 600 } };
}

/** No session has an inactivity timeout, so what may count later counts now. */
function activityOf({ activity }: CommandData["ValidateSession"]) {
  return activity === undefined ? {} : { countedAsActivity: activity === "later" };
}

/** Accepts what the sidecar accepts, within its bounds. */
function command<C extends CommandName>(name: C, answer: (data: CommandData[C]) => FakeAnswer<CommandResponse[C]>) {
  return async (data: CommandData[C]): Promise<ClientAnswer<CommandResponse[C]>> => {
    const checked = inputOf(name).safeParse(data);
    if (checked.success) return answer(checked.data);
    const [issue] = checked.error.issues;
    return fail({ type: "UnexpectedError", details: `${issue?.path.join(".")}: ${issue?.message}` }, 400);
  };
}

function succeed<T>(data: T): { readonly ok: true; readonly data: T } {
  return { ok: true, data };
}

function hasAll({ tags }: HeldSession, wanted: readonly string[]): boolean {
  return wanted.every((tag) => tags.includes(tag));
}

function validated(session: HeldSession): ValidatedSession {
  const { sessionId, userId, createdAt, expiresAt, idleExpiresAt, tags, metadata, device } = session;
  return {
    ...{ sessionId, userId, createdAt, expiresAt, hasDeviceRegistered: device !== undefined },
    ...(idleExpiresAt !== undefined && { idleExpiresAt }),
    ...(tags.length > 0 && { tags: [...tags] }),
    ...(metadata !== undefined && { metadata }),
  };
}

function info({
  sessionId,
  userId,
  createdAt,
  expiresAt,
  idleExpiresAt,
  tags,
  metadata,
}: HeldSession): CommandResponse["FetchSessionById"] {
  return {
    ...{ sessionId, userId, createdAt, expiresAt, lastActivityAt: createdAt },
    ...(idleExpiresAt !== undefined && { idleExpiresAt }),
    device: { displayName: "Unknown device", deviceType: "Unknown" },
    ...(tags.length > 0 && { sessionTags: [...tags] }),
    ...(metadata !== undefined && { metadata }),
  };
}
