import type { CreatedSession, CreateSessionData } from "../../contract/index.ts";
import type { PresentedToken } from "../../cookies/session-cookie.ts";
import { endImpersonations } from "../../impersonation/impersonated.ts";
import { describeClient } from "../../request/describe-client.ts";
import { createSession, type Session } from "../../session.ts";
import { endSessions } from "../end-sessions.ts";
import type { RequestSession } from "../request-session.ts";
import { actionError, dataOf, errorOfAnswer } from "./action-errors.ts";

export interface StartedSession {
  readonly session: Session;
  readonly created: CreatedSession;
  /** Its age at creation: a migrated session counts from the login in the other library. */
  readonly ageSecs: number;
}

/**
 * Creates a session and ends every session that the request presented, so that a session fixed by an attacker ends
 * when the victim logs in (OWASP ASVS 7.2.4).
 */
export async function replaceSessions<N>(
  request: RequestSession<N>,
  wanted: Omit<CreateSessionData, "userAgent" | "ipAddress">,
  maxLifetimeSecs = Number.POSITIVE_INFINITY,
): Promise<StartedSession> {
  const { settings, refusals } = request.parts;
  const commands = settings.client.session;
  const data = { ...wanted, ...describeClient(request.view) };

  let creation = await commands.create(data);
  let endedFirst = false;
  if (!creation.ok && creation.error.type === "SessionLimitExceeded" && mayFillLimit(request, data.userId)) {
    await endPresented(request, { replaced: true });
    // The old one is gone, whatever happens to the new one.
    request.drop();
    endedFirst = true;
    creation = await commands.create(data);
  }
  const created = dataOf(creation, refusals);
  try {
    const found = await readBack(request, created, data);
    const { createdAt, expiresAt } = found.session;
    // Not `>`: NaN is no lifetime either.
    if (!(expiresAt - createdAt <= maxLifetimeSecs)) throw actionError(...LASTS_LONGER, refusals);
    // Last, so that an earlier failure leaves the previous session unchanged.
    if (!endedFirst) await endPresented(request, { replaced: true });
    return { created, ...found };
  } catch (error) {
    // If the old one did not end, or the new one is unknown, the login failed. A shared session belongs to another
    // request.
    if (!created.legacySessionShared) await commands.invalidateByToken({ sessionToken: created.sessionToken });
    throw error;
  }
}

const LASTS_LONGER = [
  "ERR_SIDECAR_UNAVAILABLE",
  "SidecarUnavailable",
  "this sidecar has ignored `lifetimeSecs`, so the session was ended again: use @byo-session/sidecar, or leave it out",
] as const;

/** Whether the session about to be replaced may be the one that fills the limit. Another user's session cannot. */
function mayFillLimit<N>(request: RequestSession<N>, userId: string): boolean {
  const { current } = request;
  return current ? (current.own ?? current.session).userId === userId : tokensOf(request).length > 0;
}

/**
 * Ends every session that the request presented, by its token: this works for every genuine token. `replaced`: the
 * browser gets a new session, whose cookie other processes must not clear.
 *
 * @throws SessionActionError if one of them may still be living.
 */
export async function endPresented<N>(request: RequestSession<N>, why?: { replaced: true }): Promise<void> {
  const { settings, refusals } = request.parts;
  const ending = await endSessions(settings.client, tokensOf(request), why);
  if (ending === "done") return endPresentedImpersonation(request);
  if (ending !== "too-many") throw errorOfAnswer(ending, refusals);
  const message = "the request has too many session cookies to end: clear this site's cookies, and log in again";
  throw actionError("ERR_REFUSED", "ConflictingCookies", message, refusals);
}

/** @throws SessionActionError if it may still be living. */
export async function endPresentedImpersonation<N>({ parts, impersonationTokens }: RequestSession<N>): Promise<void> {
  const failed = await endImpersonations(parts.settings.client, impersonationTokens);
  if (failed) throw errorOfAnswer(failed, parts.refusals);
}

/** The presented tokens, including those under earlier cookie names, and the new one after a login in this request. */
function tokensOf<N>({ credentials, current, parts, view }: RequestSession<N>): PresentedToken[] {
  const own = current ? [current.presented] : [];
  const tokens = [...own, ...credentials.tokens, ...parts.cookie.readAll(view)];
  return [...new Map(tokens.map((token) => [token.token, token])).values()];
}

/** The answer to the creation does not contain the times; only the sidecar knows them, because its clock wrote them. */
async function readBack<N>(
  request: RequestSession<N>,
  { sessionId }: CreatedSession,
  { userId, deviceRegistration }: CreateSessionData,
): Promise<Pick<StartedSession, "session" | "ageSecs">> {
  const { settings, refusals } = request.parts;
  const { sessionTags, ...info } = dataOf(await settings.client.session.fetchById({ sessionId }), refusals);
  const registered = deviceRegistration !== undefined;
  const session = createSession(
    { ...info, userId, hasDeviceRegistered: registered, ...(sessionTags && { tags: sessionTags }) },
    registered ? "proof" : "none",
  );
  // Nobody has used it yet: its last activity is its creation.
  return { session, ageSecs: info.lastActivityAt - info.createdAt };
}
