import type { RefreshedSession, ValidateSessionData } from "@byo-session/core/contract";
import type { GoodProof } from "../../devices/service.ts";
import { saltPurpose } from "../../keys/sealed-places.ts";
import { canonicalIp } from "../../policy/ip-address.ts";
import type { Policy } from "../../policy/policy.ts";
import { type Answer, Contended, fail, type SessionDependencies, succeed } from "../dependencies.ts";
import { endedEvent, endSession } from "../end/end.ts";
import { isLiving } from "../living/living.ts";
import { createRotation } from "../rotate/carry-out.ts";
import { type SessionRow, seconds, validated } from "../session.ts";
import { createSessionStore } from "../store.ts";
import { positionOf } from "../token/position.ts";
import { formatSessionToken, parseSessionToken, type SessionToken } from "../token/session-token.ts";
import { type Attempt, eventOf } from "./attempt.ts";
import {
  type Acceptance,
  decide,
  type Ending,
  isPlain,
  type Presentation,
  type Refusal,
  UNKNOWN_TOKEN,
  type Verdict,
} from "./decide.ts";
import { type Evidence, examineDevice } from "./device-evidence.ts";

export type ValidateSessions = (
  data: ValidateSessionData,
  options: { refresh: boolean },
) => Promise<Answer<RefreshedSession>>;

const ATTEMPTS = 8;

const PROOF_USED: Refusal = {
  kind: "refuse",
  error: { type: "DeviceVerificationFailed" },
  reason: "DeviceVerificationFailed",
  event: "SessionRefused",
  unknown: false,
};

const UNBOUND: Evidence = { device: { kind: "unbound" } };

/** One validation, whatever row it is decided on. */
interface Asked {
  /** With the canonical address. */
  data: ValidateSessionData;
  presented: Omit<Presentation, "device">;
}

interface Judgement extends Evidence {
  attempt: Attempt;
  verdict: Verdict;
}

/** Validation, the hot path: read the row, decide, and change what the decision changes, or read and decide again. */
export function createValidation(deps: SessionDependencies): ValidateSessions {
  const { db, audit, envelope, policies, activity, fairShare, metrics, devices, reader } = deps;
  const store = createSessionStore(db);
  const rotate = createRotation(deps);

  return async (data, { refresh }) => {
    const token = parseSessionToken(data.sessionToken ?? "");
    if (!token) return answerTo(UNKNOWN_TOKEN);
    const asked = askedFor(token, data, refresh);
    const remembered = reader.remembered(token.id);
    const answer = remembered && (await answerFrom(remembered, asked));
    return answer ?? fairShare(token.id, () => validate(asked));
  };

  /** What is remembered only answers what changes nothing: all else is decided on what the database has. */
  async function answerFrom(remembered: SessionRow, asked: Asked): Promise<Answer<RefreshedSession> | undefined> {
    const judgement = await judge(remembered, asked);
    const { attempt, verdict, proof } = judgement;
    if (!isPlain(verdict)) return undefined;
    if (proof && !(await devices.useAlone(proof, asked.data.attemptId))) return refuse(attempt, PROOF_USED, "replayed");
    return accept(judgement);
  }

  async function validate(asked: Asked): Promise<Answer<RefreshedSession>> {
    let used: GoodProof | undefined;
    for (let tries = 0; tries < ATTEMPTS; tries++) {
      const row = await reader.read(asked.presented.token.id);
      if (!row) return answerTo(UNKNOWN_TOKEN);
      const judgement = await judge(row, asked);
      const { attempt, verdict, proof, problem } = judgement;
      if (verdict.kind === "refuse") return refuse(attempt, verdict, problem);
      // Last of the checks, and once: a try that is repeated below has used its proof already. Before the end of a
      // session too: who replays an overheard proof from elsewhere must not log its owner out.
      if (proof && !used && !(await devices.useAlone(proof, asked.data.attemptId)))
        return refuse(attempt, PROOF_USED, "replayed");
      used = proof;
      if (verdict.kind === "end") {
        if (await end(attempt, verdict)) return answerTo(verdict);
        continue;
      }
      if (isPlain(verdict)) return accept(judgement);
      const rotated = await rotate(attempt, verdict);
      if (rotated.isStale) continue;
      await noteClient(attempt, verdict);
      return accept(judgement, rotated.token);
    }
    throw new Contended("the session kept changing");
  }

  async function judge(row: SessionRow, { presented, data }: Asked): Promise<Judgement> {
    row.lastActivityAt = Math.max(row.lastActivityAt, activity.latest(row.id) ?? 0);
    const policy = policies.current().policyFor(row.tags);
    const salt = () => envelope.open(saltPurpose(row.id), row.salt);
    const evidence =
      row.deviceThumbprint === null ? UNBOUND : await evidenceOf(row, policy, presented.token, salt, data);
    const attempt = { row, policy, presented: { ...presented, device: evidence.device }, salt };
    return { ...evidence, attempt, verdict: decide(row, policy, attempt.presented, salt) };
  }

  function accept({ attempt, newDeviceCookie }: Judgement, token?: SessionToken): Answer<RefreshedSession> {
    const { row, policy, presented } = attempt;
    const session: RefreshedSession = validated(row, policy);
    // A thief of the cookies must not keep the session from going idle: only a proof counts as activity.
    if (presented.device.kind === "recent") session.deviceEvidence = "recent";
    else activity.note(row, policy, presented.ipAddress);
    if (newDeviceCookie) session.newDeviceCookie = newDeviceCookie;
    if (token) {
      session.newSessionToken = formatSessionToken(token);
      session.expiresInSecs = Math.max(1, session.expiresAt - seconds(row.now));
    }
    return succeed(session);
  }

  /** Signatures are verified only for the genuine token of a living session: nobody else makes this process work. */
  async function evidenceOf(
    row: SessionRow,
    policy: Policy,
    token: SessionToken,
    salt: () => Buffer,
    data: ValidateSessionData,
  ): Promise<Evidence> {
    const isWorthProof = isLiving(row, policy) && positionOf(row, token, salt) !== "forged";
    if (!isWorthProof) return UNBOUND;
    return examineDevice(devices, row, policy, data, { ip: data.ipAddress, userAgent: data.userAgent });
  }

  function refuse(attempt: Attempt, refusal: Refusal, problem?: string): Answer<RefreshedSession> {
    if (!refusal.unknown) {
      const event = eventOf(attempt, refusal.event, refusal.reason);
      audit.refused({ ...event, ...(problem !== undefined && { details: { problem } }) }, attempt.row.now);
    }
    return answerTo(refusal);
  }

  function answerTo(verdict: Refusal | Ending): Answer<RefreshedSession> {
    metrics.refused(verdict.reason);
    return fail(verdict.error);
  }

  async function end({ row, policy, presented }: Attempt, { reason }: Ending): Promise<boolean> {
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
      const done = await createSessionStore(tx).endInactive(row.id, policy.inactivity_timeout_secs ?? 0);
      if (done) record(endedEvent(row, reason, context));
      return done;
    });
    if (ended) metrics.ended(reason);
    return ended;
  }

  /** Notes what is new about the client. None of it decides this request, so a lost race is not worth another try. */
  async function noteClient(attempt: Attempt, { userAgent, pairs, shared }: Acceptance): Promise<void> {
    const { row } = attempt;
    if (userAgent === "flagged") audit.refused(eventOf(attempt, "UserAgentFlagged"), row.now);
    if (userAgent === "upgraded") await raiseUserAgent(attempt);
    if (pairs) await store.setPairs(row, pairs);
    if (shared) audit.refused(eventOf(attempt, "SessionShared"), row.now);
  }

  async function raiseUserAgent(attempt: Attempt): Promise<void> {
    const { row, presented } = attempt;
    const { userAgent } = presented;
    if (userAgent === undefined) return;
    await audit.transaction(async (tx, record) => {
      const details = { sessionUserAgent: row.userAgent };
      const isRaised = await createSessionStore(tx).raiseUserAgent(row, userAgent);
      if (isRaised) record({ ...eventOf(attempt, "UserAgentUpgraded"), details });
    });
  }
}

function askedFor(token: SessionToken, data: ValidateSessionData, refresh: boolean): Asked {
  const { userAgent, requiredTags = [] } = data;
  const ipAddress = data.ipAddress === undefined ? undefined : canonicalIp(data.ipAddress);
  const isIpMalformed = data.ipAddress !== undefined && ipAddress === undefined;
  return {
    data: { ...data, ipAddress },
    presented: { token, ipAddress, isIpMalformed, userAgent, requiredTags, refresh },
  };
}
