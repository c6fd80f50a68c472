import type { CommandData } from "@byo-session/core/contract";
import type { WithClientAddress } from "../../policy/client-address.ts";
import { type Answer, fail, type SessionDependencies, succeed } from "../dependencies.ts";
import { isLiving } from "../living/living.ts";
import { isSessionId } from "../token/session-token.ts";

export type NoteActivity = (
  data: WithClientAddress<CommandData["NoteActivity"]>,
) => Promise<Answer<Record<string, never>>>;

/** Counts a request that was validated earlier as a use. A session that has ended meanwhile stays ended. */
export function createActivityNotes({
  reader,
  policies,
  activity,
}: Pick<SessionDependencies, "reader" | "policies" | "activity">): NoteActivity {
  return async ({ sessionId, ipAddress }) => {
    const row = isSessionId(sessionId) ? (reader.remembered(sessionId) ?? (await reader.read(sessionId))) : undefined;
    const policy = row && policies.current().policyFor(row.tags);
    if (!row || !policy || !isLiving(row, policy)) return fail({ type: "SessionNotFound" });
    activity.note(row, policy, ipAddress);
    return succeed({});
  };
}
