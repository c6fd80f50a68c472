import {
  type CommandData,
  type CommandError,
  type CommandResponse,
  invalidImpersonationToken,
} from "@byo-session/core/contract";
import type { WithClientAddress } from "../policy/client-address.ts";
import { compareUserAgents } from "../policy/user-agent.ts";
import { type Answer, fail, succeed } from "../sessions/dependencies.ts";
import { livingSession } from "../sessions/living/living.ts";
import { seconds } from "../sessions/session.ts";
import type { ImpersonationDependencies } from "./dependencies.ts";
import { employeeActor, subjectOf } from "./events.ts";
import { type ImpersonationRules, mayImpersonate } from "./rules.ts";
import { createImpersonationStore, type ImpersonationRow } from "./store.ts";
import { isImpersonationSecret, parseImpersonationToken } from "./token.ts";

type Data = WithClientAddress<CommandData["ValidateImpersonationSession"]>;
export type ValidateImpersonation = (data: Data) => Promise<Answer<CommandResponse["ValidateImpersonationSession"]>>;

/**
 * Checks the token of an impersonation, by the configuration of now. A refusal ends nothing: an impersonation is short,
 * and what is refused may be valid again, such as after the employee is back on the list.
 */
export function createImpersonationValidation(deps: ImpersonationDependencies): ValidateImpersonation {
  const { db, audit, rules } = deps;

  return async (data) => {
    const current = rules();
    if (!current.enabled) return fail({ type: "ImpersonationNotEnabled" });
    const token = parseImpersonationToken(data.impersonationToken);
    const row = token && (await createImpersonationStore(db, current.impersonation_duration_secs).read(token.id));
    // The same answer whether or not the id exists: ids are no secret.
    if (!row || !isImpersonationSecret(row.tokenHash, token.secret)) return fail(invalidImpersonationToken("NotFound"));
    const problem = problemOf(row, data, current) ?? (await problemOfSession(row));
    if (problem) return refused(row, data, problem);
    return succeed({
      impersonationSessionId: row.id,
      employeeEmail: row.employeeEmail,
      targetUserId: row.targetUserId,
      createdAt: seconds(row.createdAt),
      expiresAt: seconds(row.expiresAt),
      metadata: row.metadata,
    });
  };

  /** It may have ended by a policy that only the session's own rules know. */
  async function problemOfSession({ employeeSessionId }: ImpersonationRow): Promise<CommandError | undefined> {
    if (employeeSessionId === null || (await livingSession(db, employeeSessionId, deps))) return undefined;
    return { type: "SessionNotFound" };
  }

  function refused(row: ImpersonationRow, data: Data, error: CommandError) {
    const { ipAddress, userAgent } = data;
    const reason = error.type === "InvalidImpersonationToken" ? error.details : error.type;
    const event = { event: "ImpersonationRefused", ...subjectOf(row), ipAddress, userAgent } as const;
    audit.refused({ ...event, actor: employeeActor(row.employeeEmail), reason });
    return fail(error);
  }
}

function problemOf(row: ImpersonationRow, data: Data, rules: ImpersonationRules): CommandError | undefined {
  if (!row.isLiving) return { type: "SessionNotFound" };
  if (!mayImpersonate(rules, row.employeeEmail)) return invalidImpersonationToken("EmployeeNotAllowed");
  if (row.employeeSessionId !== null && row.employeeSessionId !== data.employeeSessionId) {
    return invalidImpersonationToken("OtherEmployeeSession");
  }
  // A malformed address is undefined here, and equals none.
  const isSameAddress = !data.isIpMalformed && row.ipAddress === data.ipAddress;
  if (data.isIpMalformed || (rules.disallow_ip_address_changes && !isSameAddress)) return { type: "IpAddressMismatch" };
  return isSameBrowser(row.userAgent, data.userAgent) ? undefined : { type: "UserAgentMismatch" };
}

function isSameBrowser(stored: string | null, presented: string): boolean {
  if (stored === null) return false;
  const change = compareUserAgents(stored, presented);
  return change === "same" || change === "upgraded";
}
