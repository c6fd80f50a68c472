import { createHash } from "node:crypto";
import type { CommandError, CreatedSession, CreateSessionData, DeviceRegistration } from "@byo-session/core/contract";
import type { AuditEvent } from "../audit/event.ts";
import { meetDevice } from "../devices/remembered.ts";
import type { GoodProof } from "../devices/service.ts";
import { canonicalIp, checkIp } from "../policy/ip-address.ts";
import type { Policy } from "../policy/policy.ts";
import { isTag } from "../policy/tags.ts";
import { hashOfSecret, tokenAt } from "./chain.ts";
import { pairOf } from "./client-pairs.ts";
import { ipError } from "./decide.ts";
import { type Answer, fail, type SessionDependencies, saltPurpose, succeed } from "./dependencies.ts";
import { endSession } from "./end.ts";
import { applyLimits } from "./limits.ts";
import { inLockOrder, livingSessionsOfUser } from "./living.ts";
import { seconds } from "./session.ts";
import { formatSessionToken, newSessionId } from "./session-token.ts";
import { createSessionStore } from "./store.ts";

export type CreateSessions = (data: CreateSessionData, actor: string) => Promise<Answer<CreatedSession>>;

const SECRET_BYTES = 32;

/** A login: always a new session with a new token; nothing that the caller sends is ever adopted as one. */
export function createCreation(deps: SessionDependencies): CreateSessions {
  const { audit, envelope, policies, devices, fairShare, metrics, randomBytes } = deps;

  return async (data, actor) => {
    const tags = [...new Set(data.tags ?? [])];
    const badTag = tags.find((tag) => !isTag(tag));
    if (badTag !== undefined) return fail({ type: "TagParseError", details: { InvalidTagFormat: badTag } });
    const ipAddress = data.ipAddress === undefined ? undefined : canonicalIp(data.ipAddress);
    if (data.ipAddress !== undefined && ipAddress === undefined) return fail(ipError("Malformed"));
    const policy = policies.current().policyFor(tags);
    const login = { ...data, tags, ipAddress, userAgent: data.userAgent, actor };

    const refusal = refusalOf(policy, login);
    if (refusal) return refused(login, refusal);
    const proof = data.deviceRegistration && (await goodProof(data.deviceRegistration, login));
    if (proof === "none") return refused(login, INVALID_REGISTRATION);
    return fairShare(`user:${data.userId}`, () => create(login, policy, proof));
  };

  /** This command has no challenge answer: a challenge that is stale or was made for another client is invalid here. */
  async function goodProof(registration: DeviceRegistration, login: Login): Promise<GoodProof | "none"> {
    const client = { ip: login.ipAddress, userAgent: login.userAgent };
    const verdict = await devices.verify(registration, { purpose: "register", client });
    return verdict.kind === "good" ? verdict : "none";
  }

  async function create(login: Login, policy: Policy, proof: GoodProof | undefined): Promise<Answer<CreatedSession>> {
    const id = newSessionId(randomBytes(16));
    const salt = randomBytes(SECRET_BYTES);
    const token = tokenAt(salt, id, 1, randomBytes(SECRET_BYTES));
    let dropped = 0;

    const result = await audit.transaction<Answer<CreatedSession>>(async (tx, record) => {
      const store = createSessionStore(tx);
      await store.lockUser(login.userId);
      const limit = applyLimits(await livingSessionsOfUser(tx, login.userId, [], deps), policy);
      if (limit.kind === "reject") {
        const { currentCount, maxAllowed } = limit;
        return fail({ type: "SessionLimitExceeded", details: { currentCount, maxAllowed } });
      }
      if (proof && !(await devices.use(tx, proof))) return fail(INVALID_REGISTRATION);
      if (login.legacyId !== undefined && !(await store.claimLegacy(legacyHash(login.legacyId), id))) {
        return fail({ type: "LegacySessionUsed" });
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
      const expiresAt = await store.insert({
        id,
        userId: login.userId,
        tags: login.tags,
        metadata: login.metadata,
        lifetimeSecs: policy.absoluteLifetimeSecs,
        ipAddress: login.ipAddress,
        userAgent: login.userAgent,
        salt: envelope.seal(saltPurpose(id), salt),
        curHash: hashOfSecret(token.secret),
        clientPair: pairOf(login),
        deviceThumbprint: proof?.thumbprint,
      });
      const met = proof && (await meetDevice(tx, deviceOf(login, proof)));
      record({ event: "SessionCreated", sessionId: id, ...loginEvent(login), ...(met && { details: met }) });
      const sessionToken = formatSessionToken(token);
      return succeed({ sessionId: id, sessionToken, expiresAt: seconds(expiresAt), ...met });
    });

    if (!result.ok) return refused(login, result.error);
    metrics.created();
    if (dropped > 0) metrics.ended("SessionLimit", dropped);
    return result;
  }

  function refused(login: Login, error: CommandError): Answer<CreatedSession> {
    metrics.refused(error.type);
    audit.refused({ event: "SessionCreateRefused", ...loginEvent(login), reason: error.type });
    return fail(error);
  }
}

const INVALID_REGISTRATION: CommandError = { type: "InvalidDeviceRegistration" };

interface Login extends CreateSessionData {
  tags: string[];
  ipAddress: string | undefined;
  userAgent: string | undefined;
  actor: string;
}

function refusalOf(policy: Policy, login: Login): CommandError | undefined {
  const ipProblem = checkIp(policy, login.ipAddress);
  if (ipProblem) return ipError(ipProblem);
  if (policy.requireDevice === "any" && !login.deviceRegistration) return INVALID_REGISTRATION;
  return undefined;
}

function deviceOf({ userId, userAgent, deviceRegistration }: Login, { thumbprint }: GoodProof) {
  return { userId, userAgent, thumbprint, remember: deviceRegistration?.rememberDevice ?? false };
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

function legacyHash(legacyId: string): Buffer {
  return createHash("sha256").update(legacyId).digest();
}
