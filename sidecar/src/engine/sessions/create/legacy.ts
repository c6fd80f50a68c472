import { createHash } from "node:crypto";
import type { CreatedSession, CreateSessionData } from "@byo-session/core/contract";
import type { Queryable } from "../../db/database.ts";
import type { SessionDependencies } from "../dependencies.ts";
import { isLiving } from "../living/living.ts";
import { readSession } from "../read/store.ts";
import { absoluteEnd, type SessionRow, seconds } from "../session.ts";
import { saltOf } from "../standing.ts";
import { firstSecretOf, isSecretOf, tokenAt } from "../token/chain.ts";
import { formatSessionToken } from "../token/session-token.ts";
import { createLoginStore } from "./store.ts";

/** Covers requests that were sent before the first answer reached the browser. */
const SHARED_MS = 60_000;

export function legacyHash(legacyId: string): Buffer {
  return createHash("sha256").update(legacyId).digest();
}

/**
 * The session, with its token, that another request of the same browser has just made from the same old session,
 * perhaps on another process; undefined if the old session is used up. The token derives from a secret that only the
 * application knows and must match the stored hash, so this never makes another token valid.
 */
export async function shareLegacy(
  tx: Queryable,
  { legacyId = "", legacySecret, userId, ipAddress, userAgent }: CreateSessionData,
  { envelope, policies, activity }: Pick<SessionDependencies, "envelope" | "policies" | "activity">,
): Promise<CreatedSession | undefined> {
  if (legacySecret === undefined) return undefined;
  const id = await createLoginStore(tx).sessionOfLegacy(legacyHash(legacyId));
  const row = id === undefined ? undefined : await readSession(tx, activity, id);
  if (!row || row.userId !== userId || !isUntouched(row)) return undefined;
  if (row.userAgent !== (userAgent ?? null) || row.ipAddress !== (ipAddress ?? null)) return undefined;
  const policy = policies.current().policyFor(row.tags);
  if (!isLiving(row, policy)) return undefined;
  const salt = saltOf(row, envelope)();
  const token = tokenAt(salt, row.id, row.gen, firstSecretOf(salt, legacySecret));
  if (!isSecretOf(row.curHash, token.secret)) return undefined;
  const expiresAt = seconds(absoluteEnd(row, policy));
  const sessionToken = formatSessionToken(token);
  return { sessionId: row.id, sessionToken, expiresAt, legacyIdRecorded: true, legacySessionShared: true };
}

/** Just created, and neither rotated nor bound to a device since. */
function isUntouched({ gen, since, now, deviceThumbprint }: SessionRow): boolean {
  return gen === 1 && now - since <= SHARED_MS && deviceThumbprint === null;
}
