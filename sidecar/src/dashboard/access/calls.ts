import { z } from "zod";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import { call, EVERYBODY, openCall } from "../call.ts";
import { actorOf, originOf, traceOf } from "../caller.ts";
import type { AccessState } from "../contract/access.ts";
import { PASSWORD_MAX_CHARS } from "../contract/errors.ts";
import { codeOrRecovery, nothing, username } from "../fields.ts";
import { conflict, Refusal } from "../refusal.ts";
import { createLoginStore } from "../users/login-store.ts";
import type { PasswordHashing } from "../users/password-hashing.ts";
import { passwordMessage, passwordProblem } from "../users/password-rules.ts";
import { createUserStore } from "../users/store.ts";
import { clearedDashboardCookie } from "./cookie.ts";
import { CONFIRMED_SECS } from "./logins.ts";
import type { ProveIdentity } from "./proving.ts";
import { type StateContext, stateOf, stateOfId } from "./state.ts";

export interface AccessContext extends StateContext {
  audit: AuditLog;
  hashing: PasswordHashing;
  proveIdentity: ProveIdentity;
}

/** Only the size is checked here, because hashing costs time. The password rules apply when one is chosen. */
const password = z
  .string({ error: "expected a password" })
  .max(PASSWORD_MAX_CHARS * 4, { error: "expected a shorter password" });

/** Logging in and out, and the person's own password. */
export const ACCESS_CALLS = {
  "access/state": openCall({
    method: "GET",
    input: nothing,
    handler: async (_input, { login, whyEnded }, context: StateContext) =>
      stateOf(login, context, login ? null : await whyEnded()),
  }),

  "access/login": openCall({
    method: "POST",
    /** `code`: six digits of the second factor, or a recovery code. */
    input: z.strictObject({ username, password, code: codeOrRecovery.optional() }),
    async handler(input, caller, context: AccessContext): Promise<AccessState> {
      const user = await context.proveIdentity({ code: undefined, ...input }, caller);
      const id = await context.audit.transaction(async (tx, record) => {
        // The browser's earlier login ends with the new one.
        if (caller.login) await createLoginStore(tx).end(caller.login.id);
        await createUserStore(tx).noteLogin(user.id);
        record({ event: "DashboardLogin", actor: actorOf(user), ...originOf(caller) });
        return context.logins.begin(tx, user.id, caller);
      });
      return stateOfId(id, context);
    },
  }),

  "access/logout": call({
    method: "POST",
    access: "temporary",
    input: nothing,
    async handler(_input, caller, context: AccessContext): Promise<AccessState> {
      await context.audit.transaction(async (tx, record) => {
        if (await createLoginStore(tx).end(caller.login.id)) record({ event: "DashboardLogout", ...traceOf(caller) });
      });
      caller.setCookie(clearedDashboardCookie());
      return stateOf(undefined, context);
    },
  }),

  /** All other logins of the person end. */
  "access/change-password": call({
    method: "POST",
    access: "temporary",
    input: z.strictObject({ currentPassword: password, newPassword: password }),
    async handler({ currentPassword, newPassword }, caller, context: AccessContext): Promise<AccessState> {
      const { audit, hashing, logins, proveIdentity } = context;
      const { username } = caller.login;
      const problem = await passwordProblem(newPassword, { username, current: currentPassword });
      if (problem) {
        throw new Refusal({ type: "PasswordRefused", reason: problem, message: passwordMessage(problem) });
      }
      const user = await proveIdentity({ username, password: currentPassword, code: undefined }, caller, "password");
      const newHash = await hashing.hash(newPassword);
      const id = await audit.transaction(async (tx, record) => {
        if (!(await createUserStore(tx).setPassword(user.id, user.passwordHash, newHash))) {
          throw conflict("Another request changed the password at the same time. Log in with the new one.");
        }
        // Everyone who logged in with the old password is logged out.
        await createLoginStore(tx).endAll(user.id);
        record({ event: "DashboardPasswordChanged", ...traceOf(caller), details: { target: username } });
        return logins.begin(tx, user.id, caller);
      });
      return stateOfId(id, context);
    },
  }),

  "access/confirm-password": call({
    method: "POST",
    access: EVERYBODY,
    /** `code` is required if the person has a second factor. */
    input: z.strictObject({ password, code: codeOrRecovery.optional() }),
    async handler(input, caller, context: AccessContext): Promise<AccessState> {
      const { id, username } = caller.login;
      await context.proveIdentity({ username, code: undefined, ...input }, caller);
      await context.audit.transaction(async (tx, record) => {
        await createLoginStore(tx).confirmPassword(id, CONFIRMED_SECS);
        record({ event: "DashboardPasswordConfirmed", ...traceOf(caller) });
      });
      return stateOfId(id, context);
    },
  }),
};
