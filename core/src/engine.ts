import { candidatesOf, MAX_CANDIDATES } from "./candidates.ts";
import { canonicalAddress } from "./client-address.ts";
import {
  type DeviceChallenge,
  END_REASONS,
  type EndReason,
  LIMITS,
  type NewDeviceCookie,
  type RefreshedSession,
  type ValidateSessionData,
} from "./contract/index.ts";
import type { PresentedToken } from "./cookies.ts";
import type { DeviceDemand, DeviceEvidence, PresentedProof } from "./device.ts";
import type { Reason, RefusalReason } from "./outcome.ts";
import type { RequestView } from "./request.ts";
import { createSession, type Session } from "./session.ts";
import { isPlausible } from "./session-token.ts";
import type { ClientAnswer, SessionClient } from "./sidecar/session-client.ts";

/** What the sidecar's answers say of the tokens of one request. */
export type Verdict =
  | {
      kind: "authenticated";
      session: Session;
      presented: PresentedToken;
      successor?: Successor | undefined;
      newDeviceCookie?: NewDeviceCookie | undefined;
    }
  /** No token is good, nor will be: the browser may forget them, unless it is being given a new one in their place. */
  | { kind: "ended"; reason: RefusalReason; isReplaced?: boolean }
  /** The session lives on, but not for this request. */
  | { kind: "refused"; reason: RefusalReason }
  /** The tokens of several living sessions; none where there are more tokens than are examined. */
  | { kind: "conflict"; living: readonly PresentedToken[] }
  | { kind: "challenge"; challenge: DeviceChallenge }
  | { kind: "unavailable" };

/** What the browser is to show from now on, and how long the session still has, by the sidecar's clock. */
export interface Successor {
  readonly token: string;
  readonly lifetimeSecs: number;
}

export interface Examination {
  view: RequestView;
  tokens: readonly PresentedToken[];
  proof: PresentedProof;
  /** The device cookie of the request. */
  deviceCookie?: string | undefined;
  /** False where a successor could not reach the browser, or must not. */
  mayRotate: boolean;
  /** What an earlier stage of this very request has found out; a proof cannot be shown twice. */
  knownEvidence?: DeviceEvidence | undefined;
}

export interface Engine {
  examine(examination: Examination): Promise<Verdict>;
  /**
   * The verdict on a request whose one token was shown by an equal request before, where the sidecar still vouches for its
   * answer: at once, since a promise costs each request a turn. Undefined: any other.
   */
  held(examination: Examination): Verdict | undefined;
}

export interface EngineSettings {
  readonly client: Pick<SessionClient, "holds"> & {
    readonly session: Pick<SessionClient["session"], "validate" | "validateAndRefresh">;
  };
  readonly device: DeviceDemand;
}

const UNAVAILABLE: Verdict = { kind: "unavailable" };
const NOT_FOUND: Verdict = { kind: "ended", reason: "NotFound" };
const TOO_MANY: Verdict = { kind: "conflict", living: [] };

export function createEngine(settings: EngineSettings): Engine {
  const { session: commands, holds } = settings.client;

  async function examineOne(token: PresentedToken, examination: Examination): Promise<Verdict> {
    const { view, proof, mayRotate } = examination;
    if (!isPlausible(token.token)) return NOT_FOUND;
    if (proof.kind === "unusable") return { kind: "refused", reason: "BadRequest" };
    const data: ValidateSessionData = { sessionToken: token.token, ...describeClient(view) };
    addEvidence(data, examination, settings.device);
    const answer = await (mayRotate ? commands.validateAndRefresh(data) : commands.validate(data));
    return toVerdict(answer, token, (session) => evidenceOf(session, data, examination));
  }

  /** Tokens of one session, newest first. Only where one was never issued is the next one looked at. */
  async function examineSession(tokens: readonly PresentedToken[], examination: Examination): Promise<Examined[]> {
    let examined: Examined[] = [];
    for (const token of tokens) {
      const verdict = await examineOne(token, examination);
      examined = [{ token, verdict }];
      // An older one after an answer about the session could only look like the replay of a thief.
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
   * Which form the sidecar's tokens have is known by its word only. Values in the form of ours come first, and where it
   * knows one of them nothing else counts. Where it knows none, it may be another sidecar, whose token is among the rest.
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
      // A proof is good for this request alone.
      if (!holds || !presented || tokens.length > 1 || proof.kind !== "none") return undefined;
      const question = describeClient(view);
      addEvidence(question, examination, settings.device);
      const hold = holds.find(presented.token, question);
      if (!hold) return undefined;
      const { answer } = hold;
      hold.session ??= createSession(answer, answer.deviceEvidence === "recent" ? "recent" : "none");
      return { kind: "authenticated", session: hold.session, presented };
    },
  };
}

/** One call brings all that the request has: which evidence will do is decided on the answer. */
function addEvidence(data: ValidateSessionData, examination: Examination, demand: DeviceDemand): void {
  const { proof, deviceCookie, knownEvidence } = examination;
  if (demand === "off" || knownEvidence === "proof") {
    data.ignoreDeviceForVerification = true;
    return;
  }
  if (proof.kind === "proof") data.deviceVerification = proof.proof;
  if (proof.kind === "proof" || deviceCookie !== undefined) data.deviceCookie = deviceCookie ?? "";
}

/** A sidecar that knows no device cookies says nothing of them, and whatever it says counts only for what was sent. */
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

/**
 * What Node's own `fetch` says of itself. A page on the server that passes its cookie on with it is no other browser, at
 * which a session ends: it says nothing of one, so its request is refused and the session lives.
 */
const SERVERS_FETCH: ReadonlySet<string> = new Set(["node", "undici"]);

/** What the sidecar compares with the session's login, written and cut alike at every call. */
export function describeClient(view: RequestView): { userAgent?: string; ipAddress?: string } {
  const agent = view.header("user-agent");
  const ipAddress = canonicalAddress(view.clientIp);
  const client: { userAgent?: string; ipAddress?: string } = {};
  if (agent !== undefined && !SERVERS_FETCH.has(agent)) client.userAgent = agent.slice(0, LIMITS.userAgentChars);
  if (ipAddress !== undefined) client.ipAddress = ipAddress;
  return client;
}

interface Examined {
  token: PresentedToken;
  verdict: Verdict;
}

/** One browser has one session: whoever can plant a second must not choose which of the two is used. */
function combine(examined: readonly Examined[]): Verdict {
  const verdicts = examined.map(({ verdict }) => verdict);
  // Where one answer is missing, a conflict cannot be ruled out.
  if (verdicts.some(({ kind }) => kind === "unavailable")) return UNAVAILABLE;
  // A session that refuses this request lives too: another one must not step into its place.
  const living = examined.filter(({ verdict }) => verdict.kind !== "ended" && isOfSession(verdict));
  const sessions = new Set(
    living.map(({ token, verdict }) => (verdict.kind === "authenticated" ? verdict.session.sessionId : token)),
  );
  if (sessions.size > 1) return { kind: "conflict", living: living.map(({ token }) => token) };
  const [first] = living;
  // What was never issued says nothing: with it the answer is the same as without.
  const replaced = verdicts.find((verdict) => verdict.kind === "ended" && verdict.isReplaced);
  return first?.verdict ?? replaced ?? verdicts.find((verdict) => !isReason(verdict, "NotFound")) ?? NOT_FOUND;
}

/** A planted cookie that was never issued must not stand in the way of anything. */
export function isOfNoSession(verdict: Verdict): boolean {
  return verdict.kind === "ended" && verdict.reason === "NotFound";
}

/** False where the answer would be the same for a token that was never issued. */
function isOfSession(verdict: Verdict): boolean {
  return !isReason(verdict, "NotFound") && !isReason(verdict, "BadRequest");
}

function toVerdict(
  answer: ClientAnswer<RefreshedSession>,
  presented: PresentedToken,
  evidence: (session: RefreshedSession) => DeviceEvidence,
): Verdict {
  if (!answer.ok) return toRefusal(answer);
  const { data } = answer;
  // Something else may answer at a wrong address; without a user it is no session.
  if (typeof data?.userId !== "string" || typeof data.sessionId !== "string") return UNAVAILABLE;
  const { newSessionToken: token, newDeviceCookie } = data;
  const session = createSession(data, evidence(data));
  const successor = token === undefined ? undefined : { token, lifetimeSecs: lifetimeOf(data) };
  return { kind: "authenticated", session, presented, successor, newDeviceCookie };
}

/**
 * Never by this machine's clock, which may be hours off. A sidecar that does not say how much is left has the session's
 * whole life to go by: a cookie that stays too long is only one that the sidecar refuses.
 */
function lifetimeOf({ expiresInSecs, expiresAt, createdAt }: RefreshedSession): number {
  const wholeSecs = expiresAt - createdAt;
  return Number.isInteger(expiresInSecs) ? Math.min(Math.max(1, Number(expiresInSecs)), wholeSecs) : wholeSecs;
}

const ENDED: ReadonlySet<string> = new Set(END_REASONS);

function toRefusal({ error, status }: Extract<ClientAnswer<unknown>, { ok: false }>): Verdict {
  switch (error.type) {
    case "InvalidSessionToken": {
      // The stable word may be followed by ": " and more for a person.
      const [word = ""] = String(error.details).split(":");
      if (word === "UserAgentMissing" || word === "MissingRequiredTag") return { kind: "refused", reason: word };
      return {
        kind: "ended",
        reason: ENDED.has(word) ? (word as EndReason) : "NotFound",
        ...(error.replaced === true && { isReplaced: true }),
      };
    }
    case "IpAddressError":
    case "DeviceVerificationRequired":
    case "DeviceVerificationFailed":
      return { kind: "refused", reason: error.type };
    case "NewDeviceChallengeRequired": {
      const challenge = toChallenge(error.details);
      return challenge ? { kind: "challenge", challenge } : UNAVAILABLE;
    }
    case "UnexpectedError":
      return status === 400 || status === 413 ? { kind: "refused", reason: "BadRequest" } : UNAVAILABLE;
    // A refused integration key among them: nothing that the client of the application could mend.
    default:
      return UNAVAILABLE;
  }
}

export function toChallenge(details: unknown): DeviceChallenge | undefined {
  const { deviceChallenge, expiresAt } = (details ?? {}) as Partial<DeviceChallenge>;
  return typeof deviceChallenge === "string" && typeof expiresAt === "number"
    ? { deviceChallenge, expiresAt }
    : undefined;
}

function isReason(verdict: Verdict, reason: Reason): boolean {
  return "reason" in verdict && verdict.reason === reason;
}
