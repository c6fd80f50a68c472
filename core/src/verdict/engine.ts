import type { RefreshedSession, ValidateSessionData } from "../contract/index.ts";
import type { PresentedToken } from "../cookies/session-cookie.ts";
import { candidatesOf, MAX_CANDIDATES } from "../credentials/candidates.ts";
import { isPlausible } from "../credentials/session-token.ts";
import type { DeviceDemand, DeviceEvidence } from "../device/evidence.ts";
import type { PresentedProof } from "../device/proof.ts";
import { describeClient } from "../request/describe-client.ts";
import type { RequestView } from "../request/request-view.ts";
import { createSession } from "../session.ts";
import type { Hold, Question } from "../sidecar/holds/held-answers.ts";
import type { SessionClient } from "../sidecar/session-client.ts";
import { combine, type Examined } from "./combine.ts";
import { type ActivityAnswer, COUNTED, isOfSession, isReason, NOT_FOUND, type Verdict } from "./verdict.ts";
import { toVerdict } from "./verdict-of-answer.ts";

export interface Examination {
  view: RequestView;
  tokens: readonly PresentedToken[];
  proof: PresentedProof;
  /** The device cookie of the request. */
  deviceCookie?: string | undefined;
  /** Whether the request counts as activity. Undefined: it does. */
  activity?: ValidateSessionData["activity"] | undefined;
  /** False if a successor could not reach the browser, or must not. */
  mayRotate: boolean;
  /** What an earlier stage of this request found; a proof cannot be used twice. */
  knownEvidence?: DeviceEvidence | undefined;
}

export interface Engine {
  examine(examination: Examination): Promise<Verdict>;
  /**
   * The verdict on a request that is equal to an earlier one whose answer the sidecar still vouches for, at once.
   * Undefined: the sidecar has to be asked.
   */
  held(examination: Examination): Verdict | undefined;
}

export interface EngineSettings {
  readonly client: Pick<SessionClient, "holds"> & {
    readonly session: Pick<SessionClient["session"], "validate" | "validateAndRefresh">;
  };
  readonly device: DeviceDemand;
}

const TOO_MANY: Verdict = { kind: "conflict", living: [] };

export function createEngine(settings: EngineSettings): Engine {
  const { session: commands, holds } = settings.client;

  async function examineOne(token: PresentedToken, examination: Examination): Promise<Verdict> {
    const { view, proof, mayRotate } = examination;
    if (!isPlausible(token.token)) return NOT_FOUND;
    if (proof.kind === "unusable") return { kind: "refused", reason: "BadRequest" };
    const data: ValidateSessionData = { sessionToken: token.token, ...describeClient(view) };
    if (examination.activity) data.activity = examination.activity;
    addEvidence(data, examination, settings.device);
    const answer = await (mayRotate ? commands.validateAndRefresh(data) : commands.validate(data));
    return toVerdict(answer, token, (session) => evidenceOf(session, data, examination));
  }

  /** Tokens of one session, newest first. The next one is checked only if the one before was never issued. */
  async function examineSession(tokens: readonly PresentedToken[], examination: Examination): Promise<Examined[]> {
    let examined: Examined[] = [];
    for (const token of tokens) {
      const verdict = await examineOne(token, examination);
      examined = [{ token, verdict }];
      // After an answer about the session, an older token would only look like a thief's replay.
      if (!isReason(verdict, "NotFound")) break;
    }
    return examined;
  }

  async function examineSessions(
    sessions: readonly (readonly PresentedToken[])[],
    examination: Examination,
  ): Promise<Verdict> {
    const examined = await Promise.all(sessions.map((tokens) => examineSession(tokens, examination)));
    return combine(examined.flat());
  }

  /**
   * Only the sidecar knows the form of its tokens. Values in our form come first, and if it knows one of them, nothing
   * else counts. If it knows none, it may be another sidecar, whose token is among the rest.
   */
  async function examineAll(examination: Examination): Promise<Verdict> {
    const { sessions, others } = candidatesOf(examination.tokens);
    const count = sessions.flat().length;
    if (count > MAX_CANDIDATES) return TOO_MANY;
    const verdict = await examineSessions(sessions, examination);
    if (others.length === 0 || isOfSession(verdict)) return verdict;
    if (count + others.length > MAX_CANDIDATES) return TOO_MANY;
    const eachAlone = others.map((token) => [token]);
    const other = await examineSessions(eachAlone, examination);
    return isReason(other, "NotFound") ? verdict : other;
  }

  return {
    examine(examination) {
      const [only, ...more] = examination.tokens;
      return only && more.length === 0 ? examineOne(only, examination) : examineAll(examination);
    },
    held(examination) {
      const { tokens, proof, view } = examination;
      const [presented] = tokens;
      // A proof counts for this request only.
      if (!holds || !presented || tokens.length > 1 || proof.kind !== "none") return undefined;
      const question: Omit<Question, "sessionToken"> = describeClient(view);
      if (examination.activity) question.activity = examination.activity;
      addEvidence(question, examination, settings.device);
      const hold = holds.find(presented.token, question);
      if (!hold) return undefined;
      const { answer } = hold;
      hold.session ??= createSession(answer, answer.deviceEvidence === "recent" ? "recent" : "none");
      return {
        kind: "authenticated",
        session: hold.session,
        presented,
        activity: examination.activity && activityOf(hold),
      };
    },
  };
}

/** The hold itself if its answer has not counted, so that only the first of its requests that counts is reported. */
function activityOf(hold: Hold): ActivityAnswer {
  return hold.answer.countedAsActivity === false ? hold : COUNTED;
}

/** One call includes all evidence that the request has; which evidence is enough is decided from the answer. */
function addEvidence(data: ValidateSessionData, examination: Examination, demand: DeviceDemand): void {
  const { proof, deviceCookie, knownEvidence } = examination;
  if (demand === "off" || knownEvidence === "proof") {
    data.ignoreDeviceForVerification = true;
    return;
  }
  if (proof.kind === "proof") data.deviceVerification = proof.proof;
  if (proof.kind === "proof" || deviceCookie !== undefined) data.deviceCookie = deviceCookie ?? "";
}

/** A sidecar without device cookies does not report them, and its answer counts only for what was sent. */
function evidenceOf(
  session: RefreshedSession,
  data: ValidateSessionData,
  { knownEvidence }: Examination,
): DeviceEvidence {
  if (!session.hasDeviceRegistered) return "none";
  if (knownEvidence === "proof") return knownEvidence;
  if (data.deviceVerification) return "proof";
  return data.deviceCookie && session.deviceEvidence === "recent" ? "recent" : "none";
}
