import type { CommandData } from "../contract/index.ts";
import type { PresentedToken } from "../cookies/session-cookie.ts";
import { candidatesOf } from "../credentials/candidates.ts";
import type { ClientAnswer, SessionClient } from "../sidecar/session-client.ts";

/** More than any browser keeps for one site. */
const MAX_ENDED = 256;
const AT_ONCE = 8;

/**
 * What came of it. `too-many`: no browser sends so many, and some were left alone. A failed answer: the sidecar could not
 * end one of them, and those after it were left alone too.
 */
export type Ending = "done" | "too-many" | Extract<ClientAnswer<unknown>, { ok: false }>;

/** Why the user did not simply log out. */
type Why = Pick<CommandData["InvalidateSessionByToken"], "cause" | "replaced">;

/**
 * Ends the session of every genuine token among these. Each is asked for, those too that were too many to be examined: a
 * right session id in a forged token ends nothing, so none stands for another.
 */
export async function endSessions(
  client: SessionClient,
  tokens: readonly PresentedToken[],
  why: Why = {},
): Promise<Ending> {
  const { sessions, others } = candidatesOf(tokens);
  const all = [...sessions.flat(), ...others];
  for (let at = 0; at < Math.min(all.length, MAX_ENDED); at += AT_ONCE) {
    const batch = all.slice(at, Math.min(at + AT_ONCE, MAX_ENDED));
    const answers = await Promise.all(
      batch.map(({ token }) => client.session.invalidateByToken({ sessionToken: token, ...why })),
    );
    // A sidecar may say of a token that it is no session's: then there is nothing to end.
    const failed = answers.find((answer) => !answer.ok && answer.error.type !== "InvalidSessionToken");
    if (failed && !failed.ok) return failed;
  }
  return all.length > MAX_ENDED ? "too-many" : "done";
}
