import type { CreatedSession, CreateSessionData } from "../../contract/index.ts";
import type { PresentedToken } from "../../cookies/session-cookie.ts";
import { describeClient } from "../../request/describe-client.ts";
import { createSession, type Session } from "../../session.ts";
import { endSessions } from "../end-sessions.ts";
import type { RequestSession } from "../request-session.ts";
import { actionError, dataOf, errorOfAnswer } from "./action-errors.ts";

export interface StartedSession {
  readonly session: Session;
  readonly created: CreatedSession;
  /** How old it was when it was made: one that takes the place of another library's counts from the login there. */
  readonly ageSecs: number;
}

/**
 * Makes a session in the place of every one that the request presented: a session fixed by an attacker dies with the
 * login of the victim (OWASP ASVS 7.2.4).
 */
export async function replaceSessions<N>(
  request: RequestSession<N>,
  wanted: Omit<CreateSessionData, "userAgent" | "ipAddress">,
): Promise<StartedSession> {
  const { settings, refusals } = request.parts;
  const commands = settings.client.session;
  const data = { ...wanted, ...describeClient(request.view) };

  let creation = await commands.create(data);
  let endedFirst = false;
  if (!creation.ok && creation.error.type === "SessionLimitExceeded" && mayFillLimit(request, data.userId)) {
    await endPresented(request, { replaced: true });
    // Whatever becomes of the new one, the old one is gone.
    request.drop();
    endedFirst = true;
    creation = await commands.create(data);
  }
  const created = dataOf(creation, refusals);
  try {
    const found = await readBack(request, created, data);
    // Last: what fails before leaves the session of before as it was.
    if (!endedFirst) await endPresented(request, { replaced: true });
    return { created, ...found };
  } catch (error) {
    // Without the end of the old one, or without knowing the new one, there was no login. A shared one is another's.
    if (!created.legacySessionShared) await commands.invalidateByToken({ sessionToken: created.sessionToken });
    throw error;
  }
}

/** Whether the session that is about to be replaced may be the one that fills the limit: not another user's. */
function mayFillLimit<N>(request: RequestSession<N>, userId: string): boolean {
  return request.current ? request.current.session.userId === userId : tokensOf(request).length > 0;
}

/**
 * Ends every session that the request presented, by its token: that works for every token that is genuine. `replaced`:
 * the browser gets a new one, whose cookie the answers of other processes must not clear.
 *
 * @throws SessionActionError where one of them may live on.
 */
export async function endPresented<N>(request: RequestSession<N>, why?: { replaced: true }): Promise<void> {
  const { settings, refusals } = request.parts;
  const ending = await endSessions(settings.client, tokensOf(request), why);
  if (ending === "done") return;
  if (ending !== "too-many") throw errorOfAnswer(ending, refusals);
  const message = "more session cookies than can be ended: clear the cookies of this site, and log in again";
  throw actionError("ERR_REFUSED", "ConflictingCookies", message, refusals);
}

/** The presented ones, also where the cookie once lay, and, after a login in this very request, the new one. */
function tokensOf<N>({ credentials, current, parts, view }: RequestSession<N>): PresentedToken[] {
  const own = current ? [current.presented] : [];
  const tokens = [...own, ...credentials.tokens, ...parts.cookie.readAll(view)];
  return [...new Map(tokens.map((token) => [token.token, token])).values()];
}

/** The creation's answer does not hold the times; they are the sidecar's to tell, whose clock wrote them. */
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
  // Nobody has used it yet: it was last active when it was made.
  return { session, ageSecs: info.lastActivityAt - info.createdAt };
}
