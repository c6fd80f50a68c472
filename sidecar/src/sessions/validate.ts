import type { RefreshedSession, ValidateSessionData } from "@byo-session/core/contract";
import type { AuditEvent, AuditEventName } from "../audit/event.ts";
import { canonicalIp } from "../policy/ip-address.ts";
import type { Policy } from "../policy/policy.ts";
import { hashOfSecret, tokenAfter } from "./chain.ts";
import { pairOf } from "./client-pairs.ts";
import {
  type Acceptance,
  type DeviceEvidence,
  decide,
  type Ending,
  ipError,
  type Presentation,
  type Refusal,
  UNKNOWN_TOKEN,
  type Verdict,
} from "./decide.ts";
import { type Answer, Contended, fail, type SessionDependencies, saltPurpose, succeed } from "./dependencies.ts";
import { endedEvent, endSession } from "./end.ts";
import { type SessionRow, validated } from "./session.ts";
import { formatSessionToken, parseSessionToken, type SessionToken } from "./session-token.ts";
import { createSessionStore } from "./store.ts";

export type ValidateSessions = (
  data: ValidateSessionData,
  options: { refresh: boolean },
) => Promise<Answer<RefreshedSession>>;

const ATTEMPTS = 8;

/** Validation, the hot path: read the row, decide, and change what the decision changes, or read and decide again. */
export function createValidation(deps: SessionDependencies): ValidateSessions {
  const { db, audit, envelope, policies, activity, fairShare, metrics } = deps;
  const store = createSessionStore(db);

  return async (data, { refresh }) => {
    const token = parseSessionToken(data.sessionToken ?? "");
    if (!token) return answerTo(UNKNOWN_TOKEN);
    const ipAddress = data.ipAddress === undefined ? undefined : canonicalIp(data.ipAddress);
    if (data.ipAddress !== undefined && ipAddress === undefined) return fail(ipError("Malformed"));
    return fairShare(token.id, () => validate(token, ipAddress, data, refresh));
  };

  async function validate(
    token: SessionToken,
    ipAddress: string | undefined,
    data: ValidateSessionData,
    refresh: boolean,
  ): Promise<Answer<RefreshedSession>> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const row = await store.read(token.id);
      if (!row) return answerTo(UNKNOWN_TOKEN);
      row.lastActivityAt = Math.max(row.lastActivityAt, activity.latest(row.id) ?? 0);
      const policy = policies.current().policyFor(row.tags);
      const presented: Presentation = {
        token,
        ipAddress,
        userAgent: data.userAgent,
        requiredTags: data.requiredTags ?? [],
        refresh,
        device: deviceEvidence(row, data),
      };
      const salt = () => envelope.open(saltPurpose(row.id), row.salt);
      const verdict = decide(row, policy, presented, salt);
      const answer = await apply(row, policy, presented, verdict, salt);
      if (answer) return answer;
    }
    throw new Contended("the session kept changing");
  }

  /** Undefined: the row is no longer as it was read. */
  async function apply(
    row: SessionRow,
    policy: Policy,
    presented: Presentation,
    verdict: Verdict,
    salt: () => Buffer,
  ): Promise<Answer<RefreshedSession> | undefined> {
    if (verdict.kind === "refuse") {
      if (!verdict.unknown) audit.refused(eventOf(row, presented, "SessionRefused", verdict.reason), row.now);
      return answerTo(verdict);
    }
    if (verdict.kind === "end") return (await end(row, policy, presented, verdict)) ? answerTo(verdict) : undefined;

    const newToken = await rotate(row, policy, presented, verdict, salt);
    if (newToken === "stale-read") return undefined;
    await noteClient(row, presented, verdict);
    activity.note(row, policy, presented.ipAddress);
    return succeed({
      ...validated(row, policy),
      ...(newToken && { newSessionToken: formatSessionToken(newToken) }),
    });
  }

  function answerTo(verdict: Refusal | Ending): Answer<RefreshedSession> {
    metrics.refused(verdict.reason);
    return fail(verdict.error);
  }

  async function end(row: SessionRow, policy: Policy, presented: Presentation, verdict: Ending): Promise<boolean> {
    const { reason } = verdict;
    const context = {
      actor: "system",
      ipAddress: presented.ipAddress,
      userAgent: presented.userAgent,
      details: {
        ...(row.ipAddress !== null && { sessionIpAddress: row.ipAddress }),
        ...(row.userAgent !== null && { sessionUserAgent: row.userAgent }),
        ...(row.confirmedIp !== null && { rotatedByIpAddress: row.confirmedIp }),
        ...(row.confirmedUserAgent !== null && { rotatedByUserAgent: row.confirmedUserAgent }),
      },
    };
    const ended = await audit.transaction(async (tx, record) => {
      if (reason !== "Inactive") return endSession(tx, record, row, reason, context);
      const done = await createSessionStore(tx).endInactive(row.id, policy.inactivityTimeoutSecs ?? 0);
      if (done) record(endedEvent(row, reason, context));
      return done;
    });
    if (ended) metrics.ended(reason);
    return ended;
  }

  /** Carries the step out and gives the token for the answer, if there is one. */
  async function rotate(
    row: SessionRow,
    policy: Policy,
    presented: Presentation,
    { rotation, position }: Acceptance,
    salt: () => Buffer,
  ): Promise<SessionToken | "stale-read" | undefined> {
    if (rotation.change === "confirm") {
      const confirmed = await audit.transaction(async (tx, record) => {
        const done = await createSessionStore(tx).confirm(row, {
          graceSecs: policy.rotationGraceSecs,
          ipAddress: presented.ipAddress,
          userAgent: presented.userAgent,
          clientPair: pairOf(presented),
        });
        if (done) record(eventOf(row, presented, "RotationConfirmed"));
        return done;
      });
      if (!confirmed) return "stale-read";
      metrics.rotation("confirmed");
    }
    if (rotation.answer === "none") return undefined;

    const answered = tokenAfter(salt(), presented.token, rotation.answer === "successor" ? row.gen + 1 : row.gen);
    if (!answered) return undefined;
    if (rotation.change === "start") {
      const started = await audit.transaction(async (tx, record) => {
        const done = await createSessionStore(tx).startRotation(row, hashOfSecret(answered.secret));
        if (done) record(eventOf(row, presented, "RotationStarted"));
        return done;
      });
      if (!started) return "stale-read";
      metrics.rotation("started");
    }
    if (rotation.change === "count") await store.countPending(row);
    if (position === "stale") audit.refused(eventOf(row, presented, "CookieRestored"), row.now);
    return answered;
  }

  /** Notes what is new about the client. None of it decides this request, so a lost race is not worth another try. */
  async function noteClient(row: SessionRow, presented: Presentation, verdict: Acceptance): Promise<void> {
    if (verdict.userAgent === "flagged") audit.refused(eventOf(row, presented, "UserAgentFlagged"), row.now);
    if (verdict.userAgent === "upgraded" && presented.userAgent !== undefined) {
      await store.raiseUserAgent(row, presented.userAgent);
    }
    if (verdict.pairs) await store.setPairs(row, verdict.pairs);
    if (verdict.shared) audit.refused(eventOf(row, presented, "SessionShared"), row.now);
  }
}

function eventOf(row: SessionRow, presented: Presentation, event: AuditEventName, reason?: string): AuditEvent {
  return {
    event,
    sessionId: row.id,
    userId: row.userId,
    tags: row.tags,
    ...(presented.ipAddress !== undefined && { ipAddress: presented.ipAddress }),
    ...(presented.userAgent !== undefined && { userAgent: presented.userAgent }),
    ...(reason !== undefined && { reason }),
  };
}

/** Device proof is not served yet; no session can have a device. */
function deviceEvidence(row: SessionRow, _data: ValidateSessionData): DeviceEvidence {
  return row.deviceThumbprint === null
    ? { kind: "unbound" }
    : { kind: "refused", error: { type: "DeviceVerificationRequired" } };
}
