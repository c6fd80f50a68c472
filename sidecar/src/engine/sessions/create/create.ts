import {
  type CommandError,
  type CreatedSession,
  type CreateSessionData,
  type DeviceRegistration,
  ipError,
} from "@byo-session/core/contract";
import type { AuditEvent } from "../../audit/event.ts";
import type { CookieSubject } from "../../devices/device-cookie.ts";
import { meetDevice } from "../../devices/remembered.ts";
import { type GoodProof, newDeviceCookie, type ProofResult } from "../../devices/service.ts";
import { saltPurpose } from "../../keys/sealed-places.ts";
import type { WithClientAddress } from "../../policy/client-address.ts";
import { checkIp } from "../../policy/ip-address.ts";
import type { Policy } from "../../policy/policy.ts";
import { isTag } from "../../policy/tags.ts";
import { describeDevice } from "../../policy/user-agent.ts";
import { pairOf } from "../client-pairs.ts";
import { type Answer, fail, type SessionDependencies, succeed } from "../dependencies.ts";
import { endSession } from "../end/end-session.ts";
import { livingSessionsOfUser } from "../living/living.ts";
import { inLockOrder } from "../locks/order.ts";
import { lockUser } from "../locks/store.ts";
import { seconds } from "../session.ts";
import { firstSecretOf, hashOfSecret, tokenAt } from "../token/chain.ts";
import { formatSessionToken, newSessionId } from "../token/session-token.ts";
import { legacyHash, shareLegacy } from "./legacy.ts";
import { applyLimits, roomOf } from "./limits.ts";
import { createLoginStore, type NewSession } from "./store.ts";
import { createLoginsTogether } from "./together.ts";

export type CreateSession = (
  data: WithClientAddress<CreateSessionData>,
  actor: string,
) => Promise<Answer<CreatedSession>>;

const SECRET_BYTES = 32;

/** A login always makes a new session with a new token; nothing that the caller sends becomes the token. */
export function createLogins(deps: SessionDependencies): CreateSession {
  const { audit, envelope, policies, devices, fairShare, metrics, randomBytes } = deps;
  const createTogether = createLoginsTogether(audit, metrics.createdTogether);

  return async (data, actor) => {
    const tags = [...new Set(data.tags ?? [])];
    const badTag = tags.find((tag) => !isTag(tag));
    if (badTag !== undefined) return fail({ type: "TagParseError", details: { InvalidTagFormat: badTag } });
    const login = { ...data, tags, ipAddress: data.ipAddress, userAgent: data.userAgent, actor };
    if (data.isIpMalformed) return refused(login, ipError("Malformed"));
    const policy = policies.current().policyFor(tags);

    const refusal = refusalOf(policy, login);
    if (refusal) return refused(login, refusal, refusal === INVALID_REGISTRATION ? "missing" : undefined);
    const proof = data.deviceRegistration && (await verified(data.deviceRegistration, login));
    if (proof && proof.kind !== "good") return refused(login, INVALID_REGISTRATION, proof.problem);
    try {
      return await fairShare(`user:${data.userId}`, () => create(login, policy, proof));
    } catch (error) {
      if (error instanceof LoginRefused) return refused(login, error.error, error.problem);
      throw error;
    }
  };

  /** This command cannot answer with a challenge: one that is stale or was made for another client is invalid here. */
  function verified(registration: DeviceRegistration, login: Login): Promise<ProofResult> {
    const client = { ip: login.ipAddress, userAgent: login.userAgent };
    return devices.verify(registration, { purpose: "register", client });
  }

  async function create(login: Login, policy: Policy, proof: GoodProof | undefined): Promise<Answer<CreatedSession>> {
    const id = newSessionId(randomBytes(16));
    const salt = randomBytes(SECRET_BYTES);
    const { legacyId, legacySecret } = login;
    const isShareable = legacyId !== undefined && legacySecret !== undefined;
    const secret = isShareable ? firstSecretOf(salt, legacySecret) : randomBytes(SECRET_BYTES);
    const token = tokenAt(salt, id, 1, secret);
    const session: NewSession = {
      id,
      userId: login.userId,
      tags: login.tags,
      metadata: login.metadata,
      lifetimeSecs: Math.min(policy.absolute_lifetime_secs, login.lifetimeSecs ?? Number.POSITIVE_INFINITY),
      ipAddress: login.ipAddress,
      userAgent: login.userAgent,
      device: describeDevice(login.userAgent),
      salt: envelope.seal(saltPurpose(id), salt),
      curHash: hashOfSecret(token.secret),
      clientPair: pairOf(login),
      deviceThumbprint: proof?.thumbprint,
      authenticatedAt: legacyId === undefined ? undefined : login.authenticatedAt,
    };
    const ready = { login, policy, proof, session };
    // Made before the session is stored: a later failure must not hide a stored login.
    const cookie = proof && (await cookieFor({ sessionId: id, thumbprint: proof.thumbprint }, ready));
    const made = (await createPlainly(ready)) ?? (await createAlone(ready));
    if ("shared" in made) return succeed(made.shared);
    const { expiresAt, ...more } = made;
    metrics.created();
    const created = { sessionId: id, sessionToken: formatSessionToken(token), expiresAt: seconds(expiresAt) };
    return succeed({ ...created, ...more, ...cookie });
  }

  function cookieFor(subject: CookieSubject, { login, policy }: ReadyLogin) {
    return newDeviceCookie(devices, login.deviceCookie, subject, policy.device_cookie_secs);
  }

  /** Creates the session in one transaction with other logins; undefined if the login needs its own transaction. */
  async function createPlainly({ login, policy, proof, session }: ReadyLogin): Promise<Created | undefined> {
    if (proof || login.legacyId !== undefined) return undefined;
    const room = roomOf(policy);
    const expiresAt = await createTogether({ session: { ...session, room }, event: createdEvent(session.id, login) });
    return expiresAt === undefined ? undefined : { expiresAt };
  }

  async function createAlone({ login, policy, proof, session }: ReadyLogin): Promise<Created | Shared> {
    const { id } = session;
    let dropped = 0;

    const created = await audit.transaction(async (tx, record) => {
      const store = createLoginStore(tx);
      await lockUser(tx, login.userId);
      // Before the limits: the session that the old one became may be the one that reaches them.
      if (login.legacyId !== undefined && !(await store.claimLegacy(legacyHash(login.legacyId), id))) {
        const shared = await shareLegacy(tx, login, deps);
        if (shared) return { shared };
        throw new LoginRefused({ type: "LegacySessionUsed" });
      }
      const limit = applyLimits(await livingSessionsOfUser(tx, login.userId, [], deps), policy);
      if (limit.kind === "reject") {
        const { currentCount, maxAllowed } = limit;
        throw new LoginRefused({ type: "SessionLimitExceeded", details: { currentCount, maxAllowed } });
      }
      for (const row of inLockOrder(limit.drop)) {
        const context = {
          actor: "system",
          ipAddress: login.ipAddress,
          userAgent: login.userAgent,
          details: { by: id },
        };
        if (await endSession(tx, record, row, "SessionLimit", context)) dropped++;
      }
      const expiresAt = (await store.insert([session])).get(id);
      // After the rows of sessions, as in a registration: two logins with the same proof must not deadlock.
      if (proof && !(await devices.use(tx, proof))) throw new LoginRefused(INVALID_REGISTRATION, "replayed");
      if (expiresAt === undefined) throw new LoginRefused({ type: "LegacySessionExpired" });
      const met = proof && (await meetDevice(tx, record, deviceOf(login, proof), policy));
      record(createdEvent(id, login, met));
      const legacy = login.legacyId !== undefined && { legacyIdRecorded: true };
      return { expiresAt, ...met, ...legacy };
    });

    if (dropped > 0) metrics.ended("SessionLimit", dropped);
    return created;
  }

  /** `problem`: what was wrong with the device registration, for the audit trail. */
  function refused(login: Login, error: CommandError, problem?: string): Answer<CreatedSession> {
    metrics.refused(error.type);
    const details = problem === undefined ? {} : { details: { problem } };
    audit.refused({ event: "SessionCreateRefused", ...loginEvent(login), reason: error.type, ...details });
    return fail(error);
  }
}

/** Thrown, so that the transaction undoes what it has done so far, such as ended sessions and a used proof. */
class LoginRefused extends Error {
  readonly error: CommandError;
  readonly problem: string | undefined;

  constructor(error: CommandError, problem?: string) {
    super(error.type);
    this.error = error;
    this.problem = problem;
  }
}

const INVALID_REGISTRATION: CommandError = { type: "InvalidDeviceRegistration" };

/** A login that passed every check that needs no database. */
interface ReadyLogin {
  login: Login;
  policy: Policy;
  proof: GoodProof | undefined;
  session: NewSession;
}

/** The session was created. `expiresAt` is in milliseconds here. */
type Created = Omit<CreatedSession, "sessionId" | "sessionToken">;

/** Another request has just made the session from the same old one. */
interface Shared {
  shared: CreatedSession;
}

interface Login extends CreateSessionData {
  tags: string[];
  ipAddress: string | undefined;
  userAgent: string | undefined;
  actor: string;
}

function refusalOf(policy: Policy, login: Login): CommandError | undefined {
  const ipProblem = checkIp(policy, login.ipAddress);
  if (ipProblem) return ipError(ipProblem);
  if (policy.require_device !== "none" && !login.deviceRegistration) return INVALID_REGISTRATION;
  return undefined;
}

function deviceOf({ userId, userAgent, deviceRegistration }: Login, { thumbprint }: GoodProof) {
  return { userId, userAgent, thumbprint, remember: deviceRegistration?.rememberDevice ?? false };
}

function createdEvent(sessionId: string, login: Login, met?: object): AuditEvent {
  const { lifetimeSecs } = login;
  const details = { ...met, ...(lifetimeSecs !== undefined && { lifetimeSecs }) };
  const event = { event: "SessionCreated", sessionId, ...loginEvent(login) } as const;
  return Object.keys(details).length > 0 ? { ...event, details } : event;
}

function loginEvent(login: Login): Omit<AuditEvent, "event"> {
  return {
    userId: login.userId,
    tags: login.tags,
    ...(login.ipAddress !== undefined && { ipAddress: login.ipAddress }),
    ...(login.userAgent !== undefined && { userAgent: login.userAgent }),
    actor: login.actor,
  };
}
