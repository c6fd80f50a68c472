import { randomUUID } from "node:crypto";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { Database, Queryable } from "../../engine/db/database.ts";
import { type KnownCaller, traceOf } from "../caller.ts";
import { mayManage } from "../contract/calls.ts";
import { ROLES } from "../contract/roles.ts";
import type { ChangeUser, CreateUser, DashboardUser, UserName } from "../contract/settings.ts";
import type { Handlers } from "../handlers.ts";
import { conflict, forbidden, invalidField, notFound, type Refusal } from "../refusal.ts";
import { requirePassword } from "../require-password.ts";
import { createLoginStore } from "./login-store.ts";
import type { PasswordHashing } from "./password-hashing.ts";
import { createUserStore, type UserRow } from "./store.ts";
import { NEW_USER_SECS, newTemporaryPassword } from "./temporary-password.ts";
import { appearanceOf, usernameProblem } from "./username.ts";

interface UsersDependencies {
  db: Database;
  audit: AuditLog;
  hashing: PasswordHashing;
  randomBytes: (size: number) => Buffer;
}

type UserCalls = Pick<
  Handlers<"settings">,
  | "settings/users"
  | "settings/create-user"
  | "settings/change-user"
  | "settings/reset-password"
  | "settings/reset-second-factor"
>;

/** The people who use the dashboard. */
export function createUserCalls({ db, audit, hashing, randomBytes }: UsersDependencies): UserCalls {
  async function temporaryPassword(): Promise<{ password: string; hash: string }> {
    const password = newTemporaryPassword(randomBytes);
    return { password, hash: await hashing.hash(password) };
  }

  return {
    "settings/users": async () => ({ items: (await createUserStore(db).all()).map(toUser) }),

    async "settings/create-user"({ username, role }: CreateUser, caller: KnownCaller) {
      if (!mayManage(caller.login.role, role)) throw forbidden("Only a super admin can make super admins.");
      const problem = usernameProblem(username);
      if (problem !== undefined) throw invalidField("username", problem);
      const { password, hash } = await temporaryPassword();
      const until = await audit.transaction(async (tx, record) => {
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

    async "settings/change-user"(input: ChangeUser, caller: KnownCaller) {
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
        if (!changed) throw notFound("No account has that name.");
        return toUser(changed);
      });
    },

    async "settings/reset-password"({ username }: UserName, caller: KnownCaller) {
      const { password, hash } = await temporaryPassword();
      return audit.transaction(async (tx, record) => {
        const user = await manageable(tx, username, caller);
        const until = await createUserStore(tx).setTemporary(user.id, hash, NEW_USER_SECS);
        await createLoginStore(tx).endAll(user.id);
        record({ event: "DashboardPasswordReset", ...traceOf(caller), details: { target: user.username } });
        return { username: user.username, password, temporaryUntil: seconds(until ?? 0) };
      });
    },

    async "settings/reset-second-factor"({ username }: UserName, caller: KnownCaller) {
      return audit.transaction(async (tx, record) => {
        const user = await manageable(tx, username, caller);
        await createUserStore(tx).removeFactor(user.id);
        await createLoginStore(tx).endAll(user.id);
        record({ event: "DashboardSecondFactorRemoved", ...traceOf(caller), details: { target: user.username } });
        return {};
      });
    },
  };
}

function nameTaken(username: string): Refusal {
  return conflict(
    `An account named "${username}" exists already. Upper case and look-alike letters make no difference.`,
  );
}

async function manageable(tx: Queryable, username: string, { login }: KnownCaller): Promise<UserRow> {
  const user = await createUserStore(tx).lockByName(username);
  if (!user) throw notFound("No account has that name.");
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
  if (!mayManage(caller.login.role, after.role)) throw forbidden("Only a super admin can make super admins.");
  const isMightier = ROLES.indexOf(after.role) < ROLES.indexOf(before.role);
  if (isMightier || (before.isDisabled && !after.isDisabled)) requirePassword(caller);
  const staysSuperAdmin = after.role === "SuperAdmin" && !after.isDisabled;
  if (!staysSuperAdmin && superAdmins.includes(user.id) && superAdmins.length === 1) {
    throw conflict("This is the last super admin. Make another one first.");
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
