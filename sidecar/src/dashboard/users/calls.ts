import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { Database, Queryable } from "../../engine/db/database.ts";
import { ADMINS, call } from "../call.ts";
import { type KnownCaller, traceOf } from "../caller.ts";
import { mayManage, ROLES } from "../contract/roles.ts";
import type { DashboardUser, TemporaryPassword, UserList } from "../contract/settings.ts";
import { nothing, role, username, yesOrNo } from "../fields.ts";
import { conflict, forbidden, invalidField, notFound, type Refusal } from "../refusal.ts";
import { requirePassword } from "../require-password.ts";
import { createLoginStore } from "./login-store.ts";
import type { PasswordHashing } from "./password-hashing.ts";
import { createUserStore, type UserRow } from "./store.ts";
import { NEW_USER_SECS, newTemporaryPassword } from "./temporary-password.ts";
import { appearanceOf, usernameProblem } from "./username.ts";

export interface UserContext {
  db: Database;
  audit: AuditLog;
  hashing: PasswordHashing;
  randomBytes: (size: number) => Buffer;
}

/** The people who use the dashboard. */
export const USER_CALLS = {
  "settings/users": call({
    method: "GET",
    access: ADMINS,
    input: nothing,
    async handler(_input, _caller, { db }: UserContext): Promise<UserList> {
      return { items: (await createUserStore(db).all()).map(toUser) };
    },
  }),

  "settings/create-user": call({
    method: "POST",
    access: ADMINS,
    password: "always",
    input: z.strictObject({ username, role }),
    async handler({ username, role }, caller, context: UserContext): Promise<TemporaryPassword> {
      if (!mayManage(caller.login.role, role)) throw forbidden("Only a super admin can appoint super admins.");
      const problem = usernameProblem(username);
      if (problem !== undefined) throw invalidField("username", problem);
      const { password, hash } = await temporaryPassword(context);
      const until = await context.audit.transaction(async (tx, record) => {
        const users = createUserStore(tx);
        // One after the other: of two names that look alike, the second insert sees the first.
        await users.lockSuperAdmins();
        const taken = (await users.all()).find((user) => appearanceOf(user.username) === appearanceOf(username));
        if (taken) throw nameTaken(taken.username);
        const made = await users.insert(randomUUID(), username, role, hash, NEW_USER_SECS);
        if (made === undefined) throw nameTaken(username);
        record({ event: "DashboardUserCreated", ...traceOf(caller), details: { target: username, after: { role } } });
        return made;
      });
      return { username, password, temporaryUntil: seconds(until) };
    },
  }),

  /** The person's logins end. */
  "settings/change-user": call({
    method: "POST",
    access: ADMINS,
    password: "sometimes",
    input: z.strictObject({ username, role: role.optional(), isDisabled: yesOrNo.optional() }),
    async handler(input, caller, { audit }: UserContext): Promise<DashboardUser> {
      return audit.transaction(async (tx, record) => {
        // Always taken first, even if it turns out not to be needed: all changes of people take their locks in one
        // order.
        const superAdmins = await createUserStore(tx).lockSuperAdmins();
        const user = await manageable(tx, input.username, caller);
        const before = { role: user.role, isDisabled: user.disabledAt !== null };
        const after = { role: input.role ?? before.role, isDisabled: input.isDisabled ?? before.isDisabled };
        refuseChange(user, before, after, superAdmins, caller);
        await createUserStore(tx).change(user.id, after.role, after.isDisabled);
        await createLoginStore(tx).endAll(user.id);
        record({
          event: "DashboardUserChanged",
          ...traceOf(caller),
          details: { target: user.username, before, after },
        });
        const changed = await createUserStore(tx).byName(user.username);
        if (!changed) throw notFound("No account has this name.");
        return toUser(changed);
      });
    },
  }),

  "settings/reset-password": call({
    method: "POST",
    access: ADMINS,
    password: "always",
    input: z.strictObject({ username }),
    async handler({ username }, caller, context: UserContext): Promise<TemporaryPassword> {
      const { password, hash } = await temporaryPassword(context);
      return context.audit.transaction(async (tx, record) => {
        const user = await manageable(tx, username, caller);
        const until = await createUserStore(tx).setTemporary(user.id, hash, NEW_USER_SECS);
        await createLoginStore(tx).endAll(user.id);
        record({ event: "DashboardPasswordReset", ...traceOf(caller), details: { target: user.username } });
        return { username: user.username, password, temporaryUntil: seconds(until ?? 0) };
      });
    },
  }),

  "settings/reset-second-factor": call({
    method: "POST",
    access: ADMINS,
    password: "always",
    input: z.strictObject({ username }),
    async handler({ username }, caller, { audit }: UserContext) {
      return audit.transaction(async (tx, record) => {
        const user = await manageable(tx, username, caller);
        await createUserStore(tx).removeFactor(user.id);
        await createLoginStore(tx).endAll(user.id);
        record({ event: "DashboardSecondFactorRemoved", ...traceOf(caller), details: { target: user.username } });
        return {};
      });
    },
  }),
};

async function temporaryPassword({ hashing, randomBytes }: UserContext): Promise<{ password: string; hash: string }> {
  const password = newTemporaryPassword(randomBytes);
  return { password, hash: await hashing.hash(password) };
}

function nameTaken(username: string): Refusal {
  return conflict(
    `An account named "${username}" already exists. Upper case and look-alike letters make no difference.`,
  );
}

async function manageable(tx: Queryable, username: string, { login }: KnownCaller): Promise<UserRow> {
  const user = await createUserStore(tx).lockByName(username);
  if (!user) throw notFound("No account has this name.");
  if (!mayManage(login.role, user.role)) throw forbidden("An admin cannot change super admins.");
  // People change their own password and second factor on their account page, which asks for a proof.
  if (user.id === login.userId) throw forbidden("You cannot change your own account here: ask another admin.");
  return user;
}

type Standing = Pick<DashboardUser, "role" | "isDisabled">;

function refuseChange(
  user: UserRow,
  before: Standing,
  after: Standing,
  superAdmins: readonly string[],
  caller: KnownCaller,
): void {
  if (!mayManage(caller.login.role, after.role)) throw forbidden("Only a super admin can appoint super admins.");
  const isMightier = ROLES.indexOf(after.role) < ROLES.indexOf(before.role);
  if (isMightier || (before.isDisabled && !after.isDisabled)) requirePassword(caller);
  const staysSuperAdmin = after.role === "SuperAdmin" && !after.isDisabled;
  if (!staysSuperAdmin && superAdmins.includes(user.id) && superAdmins.length === 1) {
    throw conflict("This is the last super admin. Appoint another one first.");
  }
}

function toUser(row: UserRow): DashboardUser {
  return {
    username: row.username,
    role: row.role,
    isDisabled: row.disabledAt !== null,
    hasSecondFactor: row.secondFactor !== null,
    isTemporary: row.temporaryUntil !== null,
    temporaryUntil: row.temporaryUntil === null ? null : seconds(row.temporaryUntil),
    createdAt: seconds(row.createdAt),
    lastLoginAt: row.lastLoginAt === null ? null : seconds(row.lastLoginAt),
  };
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
