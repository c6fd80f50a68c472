import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { Database } from "../../engine/db/database.ts";
import type { Envelope } from "../../engine/keys/envelope.ts";
import { secondFactorPurpose } from "../../engine/keys/sealed-places.ts";
import type { KnownCaller, Login } from "../caller.ts";
import { traceOf } from "../caller.ts";
import type { AccessState, SecondFactorCode } from "../contract/access.ts";
import type { Handlers } from "../handlers.ts";
import { conflict, Refusal } from "../refusal.ts";
import { createLoginStore } from "../users/login-store.ts";
import { createUserStore, type UserRow } from "../users/store.ts";
import { type CodeTries, loginRefused } from "./proving.ts";
import { codeStep, newSecondFactor, secondFactorStart } from "./second-factor.ts";

export interface SecondFactorDependencies {
  db: Database;
  audit: AuditLog;
  envelope: Envelope;
  /** Counts code guesses; throws after too many. */
  codeTries: CodeTries;
  randomBytes: (size: number) => Buffer;
}

type SecondFactorCalls = Pick<
  Handlers<"access">,
  "access/start-second-factor" | "access/enable-second-factor" | "access/remove-second-factor"
>;

/** The second factor of the person who is logged in. */
export function createSecondFactorCalls(
  { db, audit, envelope, randomBytes, codeTries }: SecondFactorDependencies,
  stateOf: (login: Login) => Promise<AccessState>,
): SecondFactorCalls {
  return {
    async "access/start-second-factor"(_input, { login }: KnownCaller) {
      refuseInClear();
      const secret = newSecondFactor(randomBytes);
      const sealed = envelope.seal(secondFactorPurpose(login.userId), secret);
      if (!(await createUserStore(db).setPendingFactor(login.userId, sealed))) {
        throw conflict("A second factor exists already. Remove it first.");
      }
      return secondFactorStart(secret, login.username);
    },

    async "access/enable-second-factor"({ code }: SecondFactorCode, caller: KnownCaller) {
      refuseInClear();
      const user = await userOf(caller);
      if (!user.pendingSecondFactor)
        throw conflict("Start the setup of the second factor first: call access/start-second-factor.");
      const step = stepOf(user, user.pendingSecondFactor, code, caller);
      await audit.transaction(async (tx, record) => {
        if (!(await createUserStore(tx).enableFactor(user.id, user.pendingSecondFactor ?? Buffer.alloc(0), step))) {
          throw conflict("Another request changed the second factor meanwhile.");
        }
        // Logins from before the second factor would continue without it.
        await createLoginStore(tx).endOthers(user.id, caller.login.id);
        record({ event: "DashboardSecondFactorEnabled", ...traceOf(caller), details: { target: user.username } });
      });
      return stateOf(caller.login);
    },

    async "access/remove-second-factor"({ code }: SecondFactorCode, caller: KnownCaller) {
      const user = await userOf(caller);
      if (!user.secondFactor) throw conflict("There is no second factor.");
      const step = stepOf(user, user.secondFactor, code, caller);
      await audit.transaction(async (tx, record) => {
        const users = createUserStore(tx);
        if (!(await users.useCode(user.id, step)))
          throw loginRefused("This code was used already. Wait for the next one.");
        await users.removeFactor(user.id);
        record({ event: "DashboardSecondFactorRemoved", ...traceOf(caller), details: { target: user.username } });
      });
      return stateOf(caller.login);
    },
  };

  /** A stolen copy of the database must not contain usable second factors. */
  function refuseInClear(): void {
    if (envelope.encrypts) return;
    const message =
      "A second factor needs ENCRYPTION_KEY, which is not set: set it to 32 random bytes as base64 " +
      "(openssl rand -base64 32) on every replica, and restart them.";
    throw new Refusal({ type: "EncryptionKeyMissing", message });
  }

  async function userOf({ login }: KnownCaller): Promise<UserRow> {
    const user = await createUserStore(db).byName(login.username);
    if (!user) throw loginRefused();
    return user;
  }

  function stepOf(user: UserRow, sealed: Buffer, code: string, caller: KnownCaller): number {
    const attempt = codeTries(user.username, caller.ipAddress);
    const step = codeStep(envelope.open(secondFactorPurpose(user.id), sealed), code, user.now);
    if (step === undefined) throw loginRefused("This code is wrong. Is the clock of your device right?");
    attempt.succeeded();
    return step;
  }
}
