import { setTimeout as sleep } from "node:timers/promises";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { Database } from "../../engine/db/database.ts";
import { type Envelope, isCurrent } from "../../engine/keys/envelope.ts";
import { secondFactorPurpose } from "../../engine/keys/sealed-places.ts";
import { actorOf, type Caller, originOf } from "../caller.ts";
import { Refusal } from "../refusal.ts";
import { createLoginStore } from "../users/login-store.ts";
import type { PasswordHashing } from "../users/password-hashing.ts";
import { TEMPORARY_OWNER_PASSWORD } from "../users/password-rules.ts";
import { createUserStore, type UserRow } from "../users/store.ts";
import type { BackOff } from "./back-off.ts";
import { isRecoveryCode, spendRecoveryCode } from "./recovery-codes.ts";
import { codeStep } from "./second-factor.ts";

export interface Credentials {
  username: string;
  password: string;
  code: string | undefined;
}

/** Verifies a person's password and code, or throws a refusal that reveals nothing. */
export type ProveIdentity = (
  credentials: Credentials,
  caller: Caller,
  /** `password`: the person is logged in, so the second factor was already proved. Default: both. */
  asks?: "password" | "both",
) => Promise<UserRow>;

interface ProvingDependencies {
  db: Database;
  audit: AuditLog;
  envelope: Envelope;
  hashing: PasswordHashing;
  backOff: BackOff;
}

export function createIdentityProof({ db, audit, envelope, hashing, backOff }: ProvingDependencies): ProveIdentity {
  const users = createUserStore(db);

  return async ({ username, password, code }, caller, asks = "both") => {
    const user = await users.byName(username);
    const isKnownAddress = user !== undefined && (await createLoginStore(db).cameFrom(user.id, caller.ipAddress));
    const attempt = backOff.begin(username.toLowerCase(), caller.ipAddress, isKnownAddress);
    if (attempt.kind === "refused") throw tooManyAttempts(attempt.waitSecs);
    if (attempt.delayMs > 0) await sleep(attempt.delayMs);

    const isRight = await hashing.verify(password, user?.passwordHash);
    if (!user || !isRight || user.disabledAt !== null) {
      noteRefusal(user, caller, !user ? "UnknownUser" : isRight ? "Disabled" : "WrongPassword");
      throw loginRefused();
    }
    if (password === TEMPORARY_OWNER_PASSWORD && caller.source !== "local") {
      // It was set while only this machine could reach the dashboard; the settings have changed since.
      noteRefusal(user, caller, "BuiltInPassword");
      throw loginRefused();
    }
    if (user.temporaryUntil !== null && user.now >= user.temporaryUntil) {
      noteRefusal(user, caller, "TemporaryPasswordExpired");
      // Only someone who knows the password learns this.
      throw loginRefused(
        "This temporary password has expired. An admin can create another one; for the owner run: byo owner reset",
      );
    }
    if (user.secondFactor && asks === "both") await proveCode(user, user.secondFactor, code, caller);
    attempt.succeeded();
    return user;
  };

  async function proveCode(user: UserRow, sealed: Buffer, code: string | undefined, caller: Caller): Promise<void> {
    // The try counts until a code is right: otherwise someone with the password could guess codes without limit.
    if (code === undefined)
      throw new Refusal({ type: "CodeRequired", message: "Enter the code of your second factor." });
    if (isRecoveryCode(code)) return proveRecoveryCode(user, code, caller);
    const purpose = secondFactorPurpose(user.id);
    const secret = envelope.open(purpose, sealed);
    const step = codeStep(secret, code, user.now);
    if (step === undefined || !(await users.useCode(user.id, step))) {
      noteRefusal(user, caller, step === undefined ? "WrongCode" : "CodeReused");
      throw loginRefused();
    }
    if (!isCurrent(envelope, sealed)) await users.resealFactor(user.id, sealed, envelope.seal(purpose, secret));
  }

  async function proveRecoveryCode(user: UserRow, code: string, caller: Caller): Promise<void> {
    if (await audit.transaction((tx, record) => spendRecoveryCode(tx, record, user, code, caller))) return;
    noteRefusal(user, caller, "WrongRecoveryCode");
    throw loginRefused();
  }

  /** Unknown names are not recorded: they may be passwords that were typed into the wrong field. */
  function noteRefusal(user: UserRow | undefined, caller: Caller, reason: string): void {
    const who = user ? { actor: actorOf(user) } : {};
    audit.refused({ event: "DashboardLoginRefused", ...who, ...originOf(caller), reason });
  }
}

export type CodeTries = (username: string, ipAddress: string) => { succeeded(): void };

/** Counts code guesses of logged-in people, by the same rules as logins. */
export function createCodeTries(backOff: BackOff): CodeTries {
  return (username, ipAddress) => {
    const attempt = backOff.begin(`code of ${username.toLowerCase()}`, ipAddress, true);
    if (attempt.kind === "refused") throw tooManyAttempts(attempt.waitSecs);
    return attempt;
  };
}

export function loginRefused(message = "Wrong username, password or code."): Refusal {
  return new Refusal({ type: "LoginRefused", message });
}

function tooManyAttempts(retryAfterSecs: number): Refusal {
  const message = `Too many attempts. Try again in ${retryAfterSecs} seconds.`;
  return new Refusal({ type: "TooManyAttempts", message, retryAfterSecs });
}
