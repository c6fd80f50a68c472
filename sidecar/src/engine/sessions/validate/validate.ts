import type { RefreshedSession, ValidatedSession, ValidateSessionData } from "@byo-session/core/contract";
import type { GoodProof } from "../../devices/service.ts";
import type { Grant } from "../../holds/grant.ts";
import type { WithClientAddress } from "../../policy/client-address.ts";
import type { Policy } from "../../policy/policy.ts";
import { type Attempt, eventOf, type Presentation } from "../attempt.ts";
import { type Answer, Contended, fail, type SessionDependencies, succeed } from "../dependencies.ts";
import { endedEvent, endSession } from "../end/end-session.ts";
import { createEndStore } from "../end/store.ts";
import { createRotator } from "../rotate/rotator.ts";
import { absoluteEnd, idleEnd, type SessionRow, seconds } from "../session.ts";
import { isGenuineAndLiving, type Standing, standingOf } from "../standing.ts";
import { formatSessionToken, parseSessionToken, type SessionToken } from "../token/session-token.ts";
import { type Acceptance, type Decision, decide, type Ending, isPlain, type Refusal, UNKNOWN_TOKEN } from "./decide.ts";
import { type Evidence, examineDevice } from "./device-evidence.ts";
import { holdMsOf } from "./hold-time.ts";
import { createClientStore } from "./store.ts";

export type ValidateSessions = (
  data: WithClientAddress<ValidateSessionData>,
  options: { refresh: boolean; grant?: Grant | undefined },
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

/** The input of a validation, independent of the row that it is decided on. */
interface Asked {
  data: ValidateSessionData;
  token: SessionToken;
  presented: Presentation;
  grant: Grant | undefined;
}

interface Judgement {
  attempt: Attempt;
  evidence: Evidence;
  decision: Decision;
}

/**
 * Validation, the hot path: read the row, decide, apply the decision. If the row has changed meanwhile, start again.
 */
export function createValidation(deps: SessionDependencies): ValidateSessions {
  const { db, audit, envelope, policies, activity, fairShare, metrics, devices, reader } = deps;
  const clients = createClientStore(db);
  const takeStep = createRotator(deps);

  return async (data, { refresh, grant }) => {
    const token = parseSessionToken(data.sessionToken ?? "");
    if (!token) return answerTo(UNKNOWN_TOKEN);
    const asked = { data, token, presented: presentationOf(data, refresh), grant };
    if (!data.deviceVerification) grant?.prepare(token.id);
    const remembered = reader.remembered(token.id);
    const answer = remembered && (await answerFrom(remembered, asked));
    return answer ?? fairShare(token.id, () => validate(asked));
  };

  /**
   * A remembered session only answers validations that change nothing. All others are decided on the database's row.
   */
  async function answerFrom(remembered: SessionRow, asked: Asked): Promise<Answer<RefreshedSession> | undefined> {
    const judgement = await judge(remembered, asked);
    const { attempt, decision, evidence } = judgement;
    const { proof } = evidence;
    if (!isPlain(decision)) return undefined;
    if (proof && !(await devices.useAlone(proof, asked.data.attemptId))) return refuse(attempt, PROOF_USED, "replayed");
    offerToHold(judgement, asked);
    return accept(judgement);
  }

  async function validate(asked: Asked): Promise<Answer<RefreshedSession>> {
    let used: GoodProof | undefined;
    for (let tries = 0; tries < ATTEMPTS; tries++) {
      const row = await reader.read(asked.token.id);
      if (!row) return answerTo(UNKNOWN_TOKEN);
      const judgement = await judge(row, asked);
      const { attempt, decision, evidence } = judgement;
      const { proof, problem } = evidence;
      if (decision.kind === "refuse") return refuse(attempt, decision, problem);
      // The last check, and only once: a repeated try has used its proof already. It comes before ending a session too:
      // replaying a stolen proof from elsewhere must not log out its owner.
      if (proof && !used && !(await devices.useAlone(proof, asked.data.attemptId)))
        return refuse(attempt, PROOF_USED, "replayed");
      used = proof;
      if (decision.kind === "end") {
        if (await end(attempt, decision)) return answerTo(decision);
        continue;
      }
      if (isPlain(decision)) {
        offerToHold(judgement, asked);
        return accept(judgement);
      }
      const taken = await takeStep(attempt, decision.rotation);
      if (taken.isStale) continue;
      await noteClient(attempt, decision);
      return accept(judgement, taken.token);
    }
    throw new Contended("the session kept changing");
  }

  async function judge(row: SessionRow, { data, token, presented }: Asked): Promise<Judgement> {
    const standing = standingOf(row, policies.current().policyFor(row.tags), token, envelope);
    const evidence = row.deviceThumbprint === null ? UNBOUND : await evidenceOf(standing, data);
    const attempt = { ...standing, presented, device: evidence.device };
    return { attempt, evidence, decision: decide(attempt) };
  }

  function accept({ attempt, evidence }: Judgement, token?: SessionToken): Answer<RefreshedSession> {
    const { row, policy, presented, device } = attempt;
    const isUse = countsAsActivity(attempt);
    const session: RefreshedSession = validated(row, policy, isUse ? row.now : row.lastActivityAt);
    if (device.kind === "recent") session.deviceEvidence = "recent";
    if (isUse) activity.note(row, policy, presented.ipAddress);
    if (presented.activity !== undefined) session.countedAsActivity = isUse;
    const { newDeviceCookie } = evidence;
    if (newDeviceCookie) session.newDeviceCookie = newDeviceCookie;
    if (token) {
      session.newSessionToken = formatSessionToken(token);
      session.expiresInSecs = Math.max(1, session.expiresAt - seconds(row.now));
    }
    return succeed(session);
  }

  function offerToHold({ attempt, evidence }: Judgement, { data, grant }: Asked): void {
    if (!data.deviceVerification) grant?.offer(holdMsOf(attempt.row, attempt.policy, evidence.goodForMs));
  }

  /** Signatures are verified only for genuine tokens of living sessions, so nobody else can make this process work. */
  async function evidenceOf(standing: Standing, data: ValidateSessionData): Promise<Evidence> {
    if (!isGenuineAndLiving(standing)) return UNBOUND;
    return examineDevice(devices, standing, data, { ip: data.ipAddress, userAgent: data.userAgent });
  }

  function refuse(attempt: Attempt, refusal: Refusal, problem?: string): Answer<RefreshedSession> {
    if (!refusal.unknown) {
      const event = eventOf(attempt, refusal.event, refusal.reason);
      audit.refused({ ...event, ...(problem !== undefined && { details: { problem } }) }, attempt.row.now);
    }
    return answerTo(refusal);
  }

  function answerTo(decision: Refusal | Ending): Answer<RefreshedSession> {
    metrics.refused(decision.reason);
    return fail(decision.error);
  }

  async function end({ row, policy, presented }: Attempt, { reason, cause }: Ending): Promise<boolean> {
    const context = {
      actor: "system",
      ipAddress: presented.ipAddress,
      userAgent: presented.userAgent,
      details: {
        ...(cause && { cause }),
        ...(row.ipAddress !== null && { sessionIpAddress: row.ipAddress }),
        ...(row.userAgent !== null && { sessionUserAgent: row.userAgent }),
        ...(row.confirmedIp !== null && { rotatedByIpAddress: row.confirmedIp }),
        ...(row.confirmedUserAgent !== null && { rotatedByUserAgent: row.confirmedUserAgent }),
      },
    };
    const ended = await audit.transaction(async (tx, record) => {
      if (reason !== "Inactive") return endSession(tx, record, row, reason, context);
      const done = await createEndStore(tx).endInactive(row.id, policy.inactivity_timeout_secs ?? 0);
      if (done) record(endedEvent(row, reason, context));
      return done;
    });
    if (ended) metrics.ended(reason);
    return ended;
  }

  /** Records what is new about the client. It does not affect this request, so a lost race needs no other try. */
  async function noteClient(attempt: Attempt, { userAgent, pairs, shared }: Acceptance): Promise<void> {
    const { row } = attempt;
    if (userAgent === "flagged") audit.refused(eventOf(attempt, "UserAgentFlagged"), row.now);
    if (userAgent === "upgraded") await raiseUserAgent(attempt);
    if (pairs) await clients.setPairs(row, pairs);
    if (shared) audit.refused(eventOf(attempt, "SessionShared"), row.now);
  }

  async function raiseUserAgent(attempt: Attempt): Promise<void> {
    const { row, presented } = attempt;
    const { userAgent } = presented;
    if (userAgent === undefined) return;
    await audit.transaction(async (tx, record) => {
      const details = { sessionUserAgent: row.userAgent };
      const isRaised = await createClientStore(tx).raiseUserAgent(row, userAgent);
      if (isRaised) record({ ...eventOf(attempt, "UserAgentUpgraded"), details });
    });
  }
}

function presentationOf(data: WithClientAddress<ValidateSessionData>, refresh: boolean): Presentation {
  const { ipAddress, isIpMalformed, userAgent, requiredTags = [], activity } = data;
  return { ipAddress, isIpMalformed, userAgent, requiredTags, refresh, activity };
}

/** Of an accepted request. Nothing else depends on what the application said about it. */
function countsAsActivity({ policy, presented, device }: Attempt): boolean {
  // Only a proof counts, so that a cookie thief cannot keep the session from going idle.
  if (device.kind === "recent" || presented.activity === "none") return false;
  // Without a timeout nothing depends on it but lists and the order of dropped sessions: no second command for those.
  return presented.activity !== "later" || policy.inactivity_timeout_secs === undefined;
}

/** What a validation answers about the session. */
function validated(row: SessionRow, policy: Policy, lastActivityAt: number): ValidatedSession {
  return {
    sessionId: row.id,
    userId: row.userId,
    createdAt: seconds(row.createdAt),
    expiresAt: seconds(absoluteEnd(row, policy)),
    ...idleEnd(row, policy, lastActivityAt),
    ...(row.tags.length > 0 && { tags: row.tags }),
    ...(row.metadata !== null && { metadata: row.metadata }),
    hasDeviceRegistered: row.deviceThumbprint !== null,
  };
}
