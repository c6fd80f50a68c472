import { actorOf, type Caller, type KnownCaller, type Login, originOf, traceOf } from "../caller.ts";
import type { AccessState, ChangePassword, ConfirmPassword, LogIn, Me } from "../contract/access.ts";
import type { Handlers } from "../handlers.ts";
import { conflict, Refusal } from "../refusal.ts";
import { createLoginStore } from "../users/login-store.ts";
import type { PasswordHashing } from "../users/password-hashing.ts";
import { passwordMessage, passwordProblem } from "../users/password-rules.ts";
import { createUserStore } from "../users/store.ts";
import { clearedDashboardCookie } from "./cookie.ts";
import { CONFIRMED_SECS, type LoginSettings, type Logins } from "./logins.ts";
import type { ProveIdentity } from "./proving.ts";
import { createSecondFactorCalls, type SecondFactorDependencies } from "./second-factor-calls.ts";

interface AccessDependencies extends SecondFactorDependencies {
  logins: Logins;
  hashing: PasswordHashing;
  proveIdentity: ProveIdentity;
  settings: () => LoginSettings;
  policyEdits: boolean;
  version: string;
}

/** Logging in and out, and what people change about their own account. */
export function createAccessCalls(deps: AccessDependencies): Handlers<"access"> {
  const { db, audit, logins, hashing, proveIdentity } = deps;

  async function stateOf(login: Login | undefined): Promise<AccessState> {
    return {
      me: login ? meOf(login, deps.settings()) : null,
      version: deps.version,
      policyEdits: deps.policyEdits,
      needsOwner: login === undefined && !(await createUserStore(db).isThereAny()),
    };
  }

  return {
    "access/state": async (_input, { login }) => stateOf(login),

    async "access/log-in"({ username, password, code }: LogIn, caller: Caller) {
      const user = await proveIdentity({ username, password, code }, caller);
      const id = await audit.transaction(async (tx, record) => {
        // The browser's earlier login ends with the new one.
        if (caller.login) await createLoginStore(tx).end(caller.login.id);
        await createUserStore(tx).noteLogin(user.id);
        record({ event: "DashboardLogin", actor: actorOf(user), ...originOf(caller) });
        return logins.begin(tx, user.id, caller);
      });
      return stateOf(await logins.read(id));
    },

    async "access/log-out"(_input, caller: KnownCaller) {
      await audit.transaction(async (tx, record) => {
        if (await createLoginStore(tx).end(caller.login.id)) record({ event: "DashboardLogout", ...traceOf(caller) });
      });
      caller.setCookie(clearedDashboardCookie());
      return stateOf(undefined);
    },

    async "access/change-password"({ currentPassword, newPassword }: ChangePassword, caller: KnownCaller) {
      const { username } = caller.login;
      const problem = await passwordProblem(newPassword, { username, current: currentPassword });
      if (problem) {
        throw new Refusal({ type: "PasswordRefused", reason: problem, message: passwordMessage(problem) });
      }
      const user = await proveIdentity({ username, password: currentPassword, code: undefined }, caller, "password");
      const newHash = await hashing.hash(newPassword);
      const id = await audit.transaction(async (tx, record) => {
        if (!(await createUserStore(tx).setPassword(user.id, user.passwordHash, newHash))) {
          throw conflict("Another request changed the password meanwhile. Log in with the new one.");
        }
        // Everyone who logged in with the old password is logged out.
        await createLoginStore(tx).endAll(user.id);
        record({ event: "DashboardPasswordChanged", ...traceOf(caller), details: { target: username } });
        return logins.begin(tx, user.id, caller);
      });
      return stateOf(await logins.read(id));
    },

    async "access/confirm-password"({ password, code }: ConfirmPassword, caller: KnownCaller) {
      const { id, username } = caller.login;
      await proveIdentity({ username, password, code }, caller);
      await audit.transaction(async (tx, record) => {
        await createLoginStore(tx).confirmPassword(id, CONFIRMED_SECS);
        record({ event: "DashboardPasswordConfirmed", ...traceOf(caller) });
      });
      return stateOf(await logins.read(id));
    },

    ...createSecondFactorCalls(deps, async (login) => stateOf(await logins.read(login.id))),
  };
}

function meOf(login: Login, { idleTimeoutSecs }: LoginSettings): Me {
  const seconds = (ms: number | null) => (ms === null ? null : Math.floor(ms / 1000));
  return {
    username: login.username,
    role: login.role,
    hasSecondFactor: login.hasSecondFactor,
    mustChangePassword: login.temporaryUntil !== null,
    temporaryUntil: seconds(login.temporaryUntil),
    sessionEndsAt: Math.floor(login.endsAt / 1000),
    idleTimeoutSecs,
    passwordConfirmedUntil: seconds(login.passwordConfirmedUntil),
  };
}
