import { dataOf, errorOfAnswer } from "./action-errors.ts";
import type { CreatedSession, CreateSessionData } from "./contract/index.ts";
import type { PresentedToken } from "./cookies.ts";
import { describeClient, isPlausible } from "./engine.ts";
import type { RequestSession } from "./request-session.ts";
import { createSession, type Session } from "./session.ts";

export interface StartedSession {
  readonly session: Session;
  readonly created: CreatedSession;
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
  if (!creation.ok && creation.error.type === "SessionLimitExceeded" && tokensOf(request).length > 0) {
    // The session that is about to be replaced may be the one that fills the limit.
    await endPresented(request);
    endedFirst = true;
    creation = await commands.create(data);
  }
  const created = dataOf(creation, refusals);
  try {
    if (!endedFirst) await endPresented(request);
    return { created, session: await readBack(request, created, data) };
  } catch (error) {
    // Without the end of the old one, or without knowing the new one, there was no login.
    await commands.invalidateByToken({ sessionToken: created.sessionToken });
    throw error;
  }
}

/** Ends every session that the request presented, by its token: that works for every token that is genuine. */
export async function endPresented<N>(request: RequestSession<N>): Promise<void> {
  const { settings, refusals } = request.parts;
  const commands = settings.client.session;
  const answers = await Promise.all(
    tokensOf(request).map(({ token }) => commands.invalidateByToken({ sessionToken: token })),
  );
  for (const answer of answers) if (!answer.ok) throw errorOfAnswer(answer, refusals);
}

/** The presented ones and, after a login in this very request, the new one. */
function tokensOf<N>({ credentials, current }: RequestSession<N>): PresentedToken[] {
  const tokens = credentials.tokens.filter(({ token }) => isPlausible(token));
  if (current && !tokens.some(({ token }) => token === current.presented.token)) tokens.push(current.presented);
  return tokens;
}

/** The creation's answer does not hold the times; they are the sidecar's to tell, whose clock wrote them. */
async function readBack<N>(
  request: RequestSession<N>,
  { sessionId }: CreatedSession,
  { userId, deviceRegistration }: CreateSessionData,
): Promise<Session> {
  const { settings, refusals } = request.parts;
  const { sessionTags, ...info } = dataOf(await settings.client.session.fetchById({ sessionId }), refusals);
  const registered = deviceRegistration !== undefined;
  return createSession(
    { ...info, userId, hasDeviceRegistered: registered, ...(sessionTags && { tags: sessionTags }) },
    registered,
  );
}
