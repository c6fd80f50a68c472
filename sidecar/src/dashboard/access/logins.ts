import { timingSafeEqual } from "node:crypto";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { Database, Queryable } from "../../engine/db/database.ts";
import { newSessionId } from "../../engine/sessions/token/session-token.ts";
import { actorOf, type Caller, type Login, originOf } from "../caller.ts";
import type { LoginEnd } from "../contract/access.ts";
import { createLoginStore, type LoginRow } from "../users/login-store.ts";
import { dashboardCookie, readDashboardCookie } from "./cookie.ts";
import { type DashboardToken, formatDashboardToken, hashOfDashboardSecret, parseDashboardToken } from "./token.ts";

export interface LoginSettings {
  /** How long a login lasts at most, however much it is used. */
  lifetimeSecs: number;
  /** How long a login lasts without use. */
  idleTimeoutSecs: number;
}

export interface Logins {
  /**
   * Finds who sent the request, and sets a new cookie when one is due. `isBackground`: a page sent it, not a person.
   */
  authenticate(
    cookieHeader: string | undefined,
    caller: Omit<Caller, "login">,
    isBackground: boolean,
  ): Promise<Login | undefined>;
  /** Why the login of this cookie has ended; null if it lives, or if the cookie is not genuine. */
  whyEnded(cookieHeader: string | undefined): Promise<LoginEnd | null>;
  /** Starts a login, always with a new token. */
  begin(tx: Queryable, userId: string, caller: Caller): Promise<string>;
  read(id: string): Promise<Login | undefined>;
}

interface LoginsDependencies {
  db: Database;
  audit: AuditLog;
  settings: () => LoginSettings;
  randomBytes: (size: number) => Buffer;
}

const ROTATION_MS = 15 * 60_000;
/** If the answer with the new token was lost, the old token gets another one after this time. */
const GIVEN_AGAIN_MS = 30_000;
const GRACE_SECS = 60;
/** Must stay below the shortest idle timeout. */
const TOUCH_MS = 20_000;
/** How long a typed password unlocks the calls that ask for it. */
export const CONFIRMED_SECS = 300;

/** The sessions of the dashboard's own realm. */
export function createLogins({ db, audit, settings, randomBytes }: LoginsDependencies): Logins {
  const store = createLoginStore(db);

  function newToken(id: string): { token: string; hash: Buffer } {
    const secret = randomBytes(32);
    return { token: formatDashboardToken(id, secret), hash: hashOfDashboardSecret(secret) };
  }

  function endsAt(row: LoginRow): number {
    return row.createdAt + settings().lifetimeSecs * 1000;
  }

  /** Why it has ended by time. */
  function lapseOf(row: Pick<LoginRow, "now" | "createdAt" | "lastUsedAt">): LoginEnd | undefined {
    const { lifetimeSecs, idleTimeoutSecs } = settings();
    if (row.now >= row.createdAt + lifetimeSecs * 1000) return { reason: "Expired", afterSecs: lifetimeSecs };
    const isIdle = row.now >= row.lastUsedAt + idleTimeoutSecs * 1000;
    return isIdle ? { reason: "Idle", afterSecs: idleTimeoutSecs } : undefined;
  }

  async function rotateIfDue(row: LoginRow, token: DashboardToken, caller: Omit<Caller, "login">): Promise<boolean> {
    const ageMs = row.now - row.rotatedAt;
    const isCurrent = timingSafeEqual(row.tokenHash, token.secretHash);
    if (!isCurrent && row.previousUntil !== null) return row.now < row.previousUntil;
    if (isCurrent && row.previousHash && row.previousUntil === null) await store.confirm(row, GRACE_SECS);
    if (ageMs < (isCurrent ? ROTATION_MS : GIVEN_AGAIN_MS)) return true;
    const { token: text, hash } = newToken(row.id);
    if (await store.rotate(row, token.secretHash, hash)) caller.setCookie(dashboardCookie(text));
    return true;
  }

  async function endReused(row: LoginRow, caller: Omit<Caller, "login">): Promise<void> {
    await audit.transaction(async (tx, record) => {
      if (!(await createLoginStore(tx).end(row.id))) return;
      record({ event: "DashboardTokenReused", actor: actorOf(row), ...originOf({ ...caller, login: undefined }) });
    });
  }

  return {
    async authenticate(cookieHeader, caller, isBackground) {
      const token = parseDashboardToken(readDashboardCookie(cookieHeader) ?? "");
      const row = token && (await store.read(token.id));
      if (!token || !row || !isGenuine(row, token) || lapseOf(row)) return undefined;
      if (!(await rotateIfDue(row, token, caller))) {
        await endReused(row, caller);
        return undefined;
      }
      if (!isBackground && row.now - row.lastUsedAt >= TOUCH_MS) await store.touch(row.id);
      return toLogin(row, endsAt(row));
    },

    async whyEnded(cookieHeader) {
      const token = parseDashboardToken(readDashboardCookie(cookieHeader) ?? "");
      const row = token && (await store.readAny(token.id));
      if (!token || !row || !isGenuine(row, token)) return null;
      return row.isEnded ? { reason: "Ended" } : (lapseOf(row) ?? null);
    },

    async begin(tx, userId, caller) {
      const id = newSessionId(randomBytes(16));
      const { token, hash } = newToken(id);
      const { ipAddress, userAgent } = caller;
      await createLoginStore(tx).insert({
        id,
        userId,
        tokenHash: hash,
        confirmedSecs: CONFIRMED_SECS,
        ipAddress,
        userAgent,
      });
      caller.setCookie(dashboardCookie(token));
      return id;
    },

    async read(id) {
      const row = await store.read(id);
      return row && toLogin(row, endsAt(row));
    },
  };
}

/**
 * Whether this is the current token or the one before it. If the one before is used after its grace, two parties hold
 * the login.
 */
function isGenuine(row: Pick<LoginRow, "tokenHash" | "previousHash">, token: DashboardToken): boolean {
  if (timingSafeEqual(row.tokenHash, token.secretHash)) return true;
  return row.previousHash !== null && timingSafeEqual(row.previousHash, token.secretHash);
}

function toLogin(row: LoginRow, endsAt: number): Login {
  const { id, userId, username, role, hasSecondFactor, temporaryUntil, passwordConfirmedUntil, now } = row;
  const isConfirmed = passwordConfirmedUntil !== null && passwordConfirmedUntil > now;
  const confirmedUntil = isConfirmed ? passwordConfirmedUntil : null;
  return {
    id,
    userId,
    username,
    role,
    hasSecondFactor,
    temporaryUntil,
    endsAt,
    passwordConfirmedUntil: confirmedUntil,
  };
}
