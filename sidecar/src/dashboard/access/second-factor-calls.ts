import { z } from "zod";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { Envelope } from "../../engine/keys/envelope.ts";
import { secondFactorPurpose } from "../../engine/keys/sealed-places.ts";
import { call, EVERYBODY } from "../call.ts";
import { type KnownCaller, traceOf } from "../caller.ts";
import type { AccessState, RecoveryCodes, SecondFactorStart } from "../contract/access.ts";
import { code, codeOrRecovery, nothing } from "../fields.ts";
import { conflict, Refusal } from "../refusal.ts";
import { createLoginStore } from "../users/login-store.ts";
import { createUserStore, type UserRow } from "../users/store.ts";
import { type CodeTries, loginRefused } from "./proving.ts";
import { isRecoveryCode, makeRecoveryCodes, spendRecoveryCode } from "./recovery-codes.ts";
import { codeStep, newSecondFactor, secondFactorStart } from "./second-factor.ts";
import { type StateContext, stateOfId } from "./state.ts";

export interface SecondFactorContext extends StateContext {
  audit: AuditLog;
  envelope: Envelope;
  /** Counts code guesses; throws after too many. */
  codeTries: CodeTries;
  randomBytes: (size: number) => Buffer;
}

/** The second factor of the person who is logged in. */
export const SECOND_FACTOR_CALLS = {
  /** `access/enable-second-factor` with a code from the answer turns it on. */
  "access/start-second-factor": call({
    method: "POST",
    access: EVERYBODY,
    password: "always",
    input: nothing,
    async handler(_input, { login }, context: SecondFactorContext): Promise<SecondFactorStart> {
      const { db, envelope, randomBytes } = context;
      refuseInClear(envelope);
      const secret = newSecondFactor(randomBytes);
      const sealed = envelope.seal(secondFactorPurpose(login.userId), secret);
      if (!(await createUserStore(db).setPendingFactor(login.userId, sealed))) {
        throw conflict("You already have a second factor. Remove it first.");
      }
      return secondFactorStart(secret, login.username);
    },
  }),

  "access/enable-second-factor": call({
    method: "POST",
    access: EVERYBODY,
    password: "always",
    input: z.strictObject({ code }),
    async handler({ code }, caller, context: SecondFactorContext): Promise<RecoveryCodes> {
      refuseInClear(context.envelope);
      const user = await userOf(caller, context);
      const pending = user.pendingSecondFactor;
      if (!pending) throw conflict("Start the setup of the second factor first, with access/start-second-factor.");
      const attempt = context.codeTries(user.username, caller.ipAddress);
      const step = stepOf(user, pending, code, context);
      attempt.succeeded();
      return context.audit.transaction(async (tx, record) => {
        if (!(await createUserStore(tx).enableFactor(user.id, pending, step))) {
          throw conflict("Another request changed the second factor at the same time.");
        }
        // Logins from before the second factor would continue without it.
        await createLoginStore(tx).endOthers(user.id, caller.login.id);
        record({ event: "DashboardSecondFactorEnabled", ...traceOf(caller), details: { target: user.username } });
        return { codes: await makeRecoveryCodes(tx, user.id, context.randomBytes) };
      });
    },
  }),

  /** Earlier codes become invalid. */
  "access/make-recovery-codes": call({
    method: "POST",
    access: EVERYBODY,
    password: "always",
    input: nothing,
    async handler(_input, caller, { audit, randomBytes }: SecondFactorContext): Promise<RecoveryCodes> {
      const { userId, username } = caller.login;
      return audit.transaction(async (tx, record) => {
        // Held, so that a factor that is removed at the same time takes the codes with it.
        const user = await createUserStore(tx).lockByName(username);
        if (!user?.secondFactor) throw conflict("You have no second factor. Set it up first.");
        record({ event: "DashboardRecoveryCodesMade", ...traceOf(caller), details: { target: username } });
        return { codes: await makeRecoveryCodes(tx, userId, randomBytes) };
      });
    },
  }),

  /** `code`: of the second factor, or a recovery code. */
  "access/remove-second-factor": call({
    method: "POST",
    access: EVERYBODY,
    password: "always",
    input: z.strictObject({ code: codeOrRecovery }),
    async handler({ code }, caller, context: SecondFactorContext): Promise<AccessState> {
      const user = await userOf(caller, context);
      if (!user.secondFactor) throw conflict("You have no second factor.");
      const { secondFactor } = user;
      const attempt = context.codeTries(user.username, caller.ipAddress);
      await context.audit.transaction(async (tx, record) => {
        const users = createUserStore(tx);
        if (isRecoveryCode(code)) {
          if (!(await spendRecoveryCode(tx, record, user, code, caller))) {
            throw loginRefused("This recovery code is wrong or was used before.");
          }
        } else if (!(await users.useCode(user.id, stepOf(user, secondFactor, code, context)))) {
          throw loginRefused("This code was already used. Wait for the next one.");
        }
        await users.removeFactor(user.id);
        record({ event: "DashboardSecondFactorRemoved", ...traceOf(caller), details: { target: user.username } });
      });
      attempt.succeeded();
      return stateOfId(caller.login.id, context);
    },
  }),
};

/** A stolen copy of the database must not contain usable second factors. */
function refuseInClear(envelope: Envelope): void {
  if (envelope.encrypts) return;
  const message =
    "A second factor needs ENCRYPTION_KEY, which is not set: set it to 32 random bytes as base64 " +
    "(openssl rand -base64 32) on every replica, and restart them.";
  throw new Refusal({ type: "EncryptionKeyMissing", message });
}

async function userOf({ login }: KnownCaller, { db }: SecondFactorContext): Promise<UserRow> {
  const user = await createUserStore(db).byName(login.username);
  if (!user) throw loginRefused();
  return user;
}

function stepOf(user: UserRow, sealed: Buffer, code: string, { envelope }: SecondFactorContext): number {
  const step = codeStep(envelope.open(secondFactorPurpose(user.id), sealed), code, user.now);
  if (step === undefined) throw loginRefused("This code is wrong. Check that the clock of your device is right.");
  return step;
}
