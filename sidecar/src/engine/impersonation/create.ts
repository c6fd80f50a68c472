import {
  type CommandData,
  type CommandError,
  type CommandResponse,
  unauthorizedEmployee,
} from "@byo-session/core/contract";
import type { Queryable } from "../db/database.ts";
import type { WithClientAddress } from "../policy/client-address.ts";
import { type Answer, fail, succeed } from "../sessions/dependencies.ts";
import { livingOf } from "../sessions/living/living.ts";
import { readForUpdate } from "../sessions/read/store.ts";
import { seconds } from "../sessions/session.ts";
import { isSessionId, newSessionId } from "../sessions/token/session-token.ts";
import type { ImpersonationDependencies } from "./dependencies.ts";
import { canonicalEmail } from "./employee-email.ts";
import { employeeActor, endedEvent, subjectOf } from "./events.ts";
import { mayImpersonate } from "./rules.ts";
import { createImpersonationStore, type NewImpersonation } from "./store.ts";
import { formatImpersonationToken, hashOfImpersonationSecret } from "./token.ts";

type Data = WithClientAddress<CommandData["CreateImpersonationSession"]>;
export type CreateImpersonation = (
  data: Data,
  actor: string,
) => Promise<Answer<CommandResponse["CreateImpersonationSession"]>>;

const SECRET_BYTES = 32;

/** Lets an employee act as a user. */
export function createImpersonations(deps: ImpersonationDependencies): CreateImpersonation {
  const { audit, policies, activity, fairShare, randomBytes, rules } = deps;

  return async (data, actor) => {
    if (data.isIpMalformed) return fail({ type: "UnexpectedError", details: "ipAddress: expected an IP address" }, 400);
    const email = canonicalEmail(data.employeeEmail);
    try {
      check(data, email);
      return await fairShare(`user:${data.targetUserId}`, () => start(data, email, actor));
    } catch (error) {
      if (error instanceof Refused) return refused(data, email, error.error, actor);
      throw error;
    }
  };

  /** What can be decided without the database. */
  function check({ targetUserId }: Data, email: string | undefined): asserts email is string {
    if (!rules().enabled) throw new Refused({ type: "ImpersonationDisabled" });
    if (email === undefined) throw new Refused(MALFORMED_EMAIL);
    if (!mayImpersonate(rules(), email)) throw new Refused(NOT_ALLOWED);
    // Many applications use the address as the user id.
    if (canonicalEmail(targetUserId) === email) throw new Refused(SELF);
  }

  /** Holds the employee's session until the end of the transaction. */
  async function checkEmployeeSession(tx: Queryable, sessionId: string, targetUserId: string): Promise<void> {
    const row = isSessionId(sessionId) ? await readForUpdate(tx, activity, sessionId) : undefined;
    const [own] = row ? livingOf([row], policies) : [];
    // An impersonation is no session of an application, so nobody impersonates from within one.
    if (!own) throw new Refused(NO_EMPLOYEE_SESSION);
    if (own.userId === targetUserId) throw new Refused(SELF);
  }

  async function start(data: Data, employeeEmail: string, actor: string) {
    const { targetUserId, employeeSessionId, metadata, ipAddress, userAgent } = data;
    const secret = randomBytes(SECRET_BYTES);
    const id = newSessionId(randomBytes(16));
    const impersonation: NewImpersonation = {
      ...{ id, tokenHash: hashOfImpersonationSecret(secret), employeeEmail, targetUserId },
      ...{ employeeSessionId, metadata, ipAddress, userAgent },
    };
    const expiresAt = await audit.transaction(async (tx, record) => {
      const store = createImpersonationStore(tx, rules().impersonation_duration_secs);
      if (employeeSessionId !== undefined) {
        await checkEmployeeSession(tx, employeeSessionId, targetUserId);
        for (const earlier of await store.endMany({ employeeSessionId }, "Replaced")) {
          // The application took the user that is acted as for the employee.
          if (earlier.employeeEmail !== employeeEmail) throw new Refused(ALREADY_IMPERSONATING);
          record(endedEvent(earlier, "Replaced", { actor: employeeActor(employeeEmail), details: { by: id } }));
        }
      }
      const expiresAt = await store.add(impersonation);
      const subject = subjectOf(impersonation);
      const details = { ...subject.details, key: actor, ...(employeeSessionId !== undefined && { employeeSessionId }) };
      const client = { ipAddress, userAgent };
      record({ event: "ImpersonationStarted", ...subject, ...client, actor: employeeActor(employeeEmail), details });
      return expiresAt;
    });
    const impersonationSessionToken = formatImpersonationToken({ id, secret });
    return succeed({ sessionId: id, impersonationSessionToken, expiresAt: seconds(expiresAt) });
  }

  /** An address that is not one is not recorded: it can be any text. */
  function refused(data: Data, employeeEmail: string | undefined, error: CommandError, actor: string) {
    const { targetUserId: userId, ipAddress, userAgent } = data;
    const reason = "details" in error ? String(error.details).replace(/:.*$/s, "") : error.type;
    const details = employeeEmail === undefined ? {} : { details: { employeeEmail } };
    audit.refused({ event: "ImpersonationRefused", userId, ipAddress, userAgent, actor, reason, ...details });
    return fail(error);
  }
}

const MALFORMED_EMAIL = unauthorizedEmployee(
  "MalformedEmail",
  "expected a plain email address in ASCII, such as joe@example.com, without a display name",
);
const NOT_ALLOWED = unauthorizedEmployee(
  "NotAllowed",
  "who_can_impersonate in user_impersonation.jsonc does not allow this employee",
);
const SELF = unauthorizedEmployee("Self", "the employee is the target user");
const NO_EMPLOYEE_SESSION = unauthorizedEmployee(
  "NoEmployeeSession",
  "employeeSessionId is not the id of a living session; an impersonation cannot start another one",
);
const ALREADY_IMPERSONATING = unauthorizedEmployee(
  "AlreadyImpersonating",
  "this session acts as a user for another employee; end that impersonation first",
);

/** Thrown, so that the transaction undoes the end of an earlier impersonation. */
class Refused extends Error {
  readonly error: CommandError;

  constructor(error: CommandError) {
    super(error.type);
    this.error = error;
  }
}
