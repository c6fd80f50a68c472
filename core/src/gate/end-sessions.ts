import type { CommandData } from "../contract/index.ts";
import type { PresentedToken } from "../cookies/session-cookie.ts";
import { candidatesOf } from "../credentials/candidates.ts";
import type { ClientAnswer, SessionClient } from "../sidecar/session-client.ts";

/**
 * Ends living sessions of which one cookie was planted; false if one of them may live on. Clearing alone would remove the
 * user's own cookie at the configured place, and the planted cookie elsewhere would be used by the next request.
 */
export async function endConflicting(client: SessionClient, living: readonly PresentedToken[]): Promise<boolean> {
  return (await endSessions(client, living, { cause: "ConflictingCookies" })) === "done";
}

/** More than any browser keeps for one site. */
const MAX_ENDED = 256;
const AT_ONCE = 8;

/**
 * The result. `too-many`: no browser sends so many, and some were not ended. A failed answer: the sidecar could not
 * end one of them, and the rest were not tried.
 */
export type Ending = "done" | "too-many" | Extract<ClientAnswer<unknown>, { ok: false }>;

/** Set if the reason is not a normal logout. */
type Why = Pick<CommandData["InvalidateSessionByToken"], "cause" | "replaced">;

/**
 * Ends the session of every genuine token among these. It tries each token, even those that were too many to examine:
 * a forged token with the right session id ends nothing, so one token cannot represent another.
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
    // If the sidecar does not know the token, there is nothing to end.
    const failed = answers.find((answer) => !answer.ok && answer.error.type !== "InvalidSessionToken");
    if (failed && !failed.ok) return failed;
  }
  return all.length > MAX_ENDED ? "too-many" : "done";
}
