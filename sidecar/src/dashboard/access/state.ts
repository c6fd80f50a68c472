import type { Database } from "../../engine/db/database.ts";
import type { Login } from "../caller.ts";
import type { AccessState, LoginEnd, Me } from "../contract/access.ts";
import type { Role } from "../contract/roles.ts";
import { createRecoveryCodeStore } from "../users/recovery-code-store.ts";
import { createUserStore } from "../users/store.ts";
import type { LoginSettings, Logins } from "./logins.ts";

export interface StateContext {
  db: Database;
  logins: Logins;
  loginSettings: () => LoginSettings;
  policyEdits: boolean;
  version: string;
  /** The names of the calls that a role may make. */
  callsOf: (role: Role) => string[];
}

/** What the page needs to know about the person who uses it. */
export async function stateOf(
  login: Login | undefined,
  context: StateContext,
  ended: LoginEnd | null = null,
): Promise<AccessState> {
  return {
    me: login ? meOf(login, await codesLeft(login, context), context) : null,
    ended,
    version: context.version,
    policyEdits: context.policyEdits,
    needsOwner: login === undefined && !(await createUserStore(context.db).isThereAny()),
  };
}

/** The same after a change of the login. */
export async function stateOfId(id: string, context: StateContext): Promise<AccessState> {
  return stateOf(await context.logins.read(id), context);
}

async function codesLeft({ hasSecondFactor, userId }: Login, { db }: StateContext): Promise<number> {
  return hasSecondFactor ? createRecoveryCodeStore(db).left(userId) : 0;
}

function meOf(login: Login, recoveryCodesLeft: number, { loginSettings, callsOf }: StateContext): Me {
  const seconds = (ms: number | null) => (ms === null ? null : Math.floor(ms / 1000));
  return {
    username: login.username,
    role: login.role,
    calls: callsOf(login.role),
    hasSecondFactor: login.hasSecondFactor,
    recoveryCodesLeft,
    mustChangePassword: login.temporaryUntil !== null,
    temporaryUntil: seconds(login.temporaryUntil),
    sessionEndsAt: Math.floor(login.endsAt / 1000),
    idleTimeoutSecs: loginSettings().idleTimeoutSecs,
    passwordConfirmedUntil: seconds(login.passwordConfirmedUntil),
  };
}
