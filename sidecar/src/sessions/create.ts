import { createHash } from "node:crypto";
import type { CommandError, CreatedSession, CreateSessionData } from "@byo-session/core/contract";
import type { AuditEvent } from "../audit/event.ts";
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
  const { audit, envelope, policies, fairShare, metrics, randomBytes } = deps;

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
    return fairShare(`user:${data.userId}`, () => create(login, policy));
  };

  async function create(login: Login, policy: Policy): Promise<Answer<CreatedSession>> {
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
      });
      record({ event: "SessionCreated", sessionId: id, ...loginEvent(login) });
      return succeed({ sessionId: id, sessionToken: formatSessionToken(token), expiresAt: seconds(expiresAt) });
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

interface Login extends CreateSessionData {
  tags: string[];
  ipAddress: string | undefined;
  userAgent: string | undefined;
  actor: string;
}

function refusalOf(policy: Policy, login: Login): CommandError | undefined {
  const ipProblem = checkIp(policy, login.ipAddress);
  if (ipProblem) return ipError(ipProblem);
  if (policy.requireDevice === "any" && !login.deviceRegistration) return { type: "InvalidDeviceRegistration" };
  return undefined;
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
