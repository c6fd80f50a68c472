import { z } from "zod";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import { canonicalEmail } from "../../engine/impersonation/employee-email.ts";
import type { ImpersonationEndContext } from "../../engine/impersonation/events.ts";
import { type ImpersonationRules, mayImpersonate } from "../../engine/impersonation/rules.ts";
import type { Impersonations } from "../../engine/impersonation/service.ts";
import { createImpersonationStore, type ImpersonationRow } from "../../engine/impersonation/store.ts";
import { describeDevice } from "../../engine/policy/user-agent.ts";
import { seconds } from "../../engine/sessions/session.ts";
import { call, EDITORS, EVERYBODY } from "../call.ts";
import { type KnownCaller, traceOf } from "../caller.ts";
import type { ImpersonationPage, ImpersonationSummary } from "../contract/impersonations.ts";
import { formatCursor, parseCursor, UUID } from "../cursor.ts";
import { cursor, sessionId, storedText, userId, yesOrNoInQuery } from "../fields.ts";
import { invalidField, notFound } from "../refusal.ts";
import type { SearchContext } from "../search-context.ts";

export interface ImpersonationContext extends SearchContext {
  audit: AuditLog;
  impersonations: Impersonations;
  impersonationRules: () => ImpersonationRules;
}

const PAGE_SIZE = 50;
const employeeEmail = storedText(320);

/** Employees who act as users: who, whom, since when. */
export const IMPERSONATION_CALLS = {
  /** The newest first. Without `active`, ended ones too. */
  "impersonations/list": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({
      userId: userId.optional(),
      employeeEmail: employeeEmail.optional(),
      active: yesOrNoInQuery.optional(),
      cursor: cursor.optional(),
    }),
    async handler(input, _caller, context: ImpersonationContext): Promise<ImpersonationPage> {
      const rules = context.impersonationRules();
      const store = createImpersonationStore(context.boundedDb, rules.impersonation_duration_secs);
      const filter = {
        targetUserId: input.userId,
        employeeEmail: input.employeeEmail === undefined ? undefined : canonical(input.employeeEmail),
      };
      const [after] = parseCursor(input.cursor, [UUID]) ?? [];
      const page = { after, limit: PAGE_SIZE + 1 };
      const rows = await (input.active ? store.living(filter, page) : store.all(filter, page));
      const items = rows.slice(0, PAGE_SIZE);
      const last = items.at(-1);
      const next = rows.length > items.length && last ? formatCursor(last.id) : null;
      return { items: items.map((row) => summaryOf(row, rules)), next, isEnabled: rules.enabled };
    },
  }),

  "impersonations/end-one": call({
    method: "POST",
    access: EDITORS,
    input: z.strictObject({ impersonationId: sessionId }),
    async handler({ impersonationId: impersonationSessionId }, caller, { impersonations }: ImpersonationContext) {
      const answer = await impersonations.end.byId({ impersonationSessionId }, endedBy(caller));
      if (!answer.ok) throw notFound("No active impersonation has this id.");
      return {};
    },
  }),

  /** Ends all impersonations by an employee, whose address the person types again. */
  "impersonations/end-all": call({
    method: "POST",
    access: EDITORS,
    input: z.strictObject({ employeeEmail, confirmation: employeeEmail }),
    async handler({ employeeEmail, confirmation }, caller, { impersonations, audit }: ImpersonationContext) {
      if (confirmation !== employeeEmail) throw invalidField("confirmation", "expected the address, typed exactly");
      const target = `employee ${canonical(employeeEmail)}`;
      const answer = await impersonations.end.ofEmployee({ employeeEmail }, endedBy(caller, { bulk: target }));
      const ended = answer.ok ? answer.data.sessionsInvalidated : 0;
      await audit.write({ event: "ImpersonationsEnded", ...traceOf(caller), details: { target, ended } });
      return { ended };
    },
  }),
};

function canonical(text: string): string {
  const email = canonicalEmail(text);
  if (email === undefined) throw invalidField("employeeEmail", "expected an email address");
  return email;
}

/** The caller's address goes into the details: as the event's address it would look like the employee's. */
function endedBy(caller: KnownCaller, details: Record<string, string> = {}): ImpersonationEndContext {
  const { actor, ...by } = traceOf(caller);
  return { actor, details: { ...details, by } };
}

function summaryOf(row: ImpersonationRow, rules: ImpersonationRules): ImpersonationSummary {
  const { id: impersonationId, targetUserId: userId, employeeEmail, ipAddress, userAgent, metadata } = row;
  return {
    ...{ impersonationId, employeeEmail, userId, ipAddress, metadata },
    createdAt: seconds(row.createdAt),
    expiresAt: seconds(row.expiresAt),
    endedAt: row.endedAt === null ? null : seconds(row.endedAt),
    endReason: row.endReason,
    device: userAgent === null ? null : describeDevice(userAgent),
    isRefused: row.isLiving && !(rules.enabled && mayImpersonate(rules, employeeEmail)),
  };
}
