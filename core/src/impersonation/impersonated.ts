import { z } from "zod";
import type { CreateImpersonationData, ValidatedImpersonation } from "../contract/index.ts";
import { isPlausible } from "../credentials/session-token.ts";
import { describeClient } from "../request/describe-client.ts";
import type { RequestView } from "../request/request-view.ts";
import { createSession, metadataAsJson, type Session, type SessionMetadata, type SessionTag } from "../session.ts";
import type { ClientAnswer, SessionClient } from "../sidecar/session-client.ts";

/** What `req.byo.impersonate()` needs. */
export interface ImpersonateOptions {
  /** Of the employee who is logged in, as your own login knows it. The sidecar's configuration lists who may. */
  employeeEmail: string;
  /** The user to act as. */
  targetUserId: string;
  /** The tags of the session meanwhile, such as the user's plan. Never the employee's own. Default: none. */
  tags?: SessionTag[];
  /** The metadata of the session meanwhile. Default: none. */
  metadata?: SessionMetadata;
}

/** What the impersonation tokens of a request, beside the employee's own session, come to. */
export type Impersonated =
  | { readonly kind: "on"; readonly session: Session }
  /** It has ended, or does not belong to this session or browser. */
  | { readonly kind: "over" }
  /** It was never issued. Anyone can send such a cookie, so it must not block anything. */
  | { readonly kind: "none" }
  | { readonly kind: "unavailable" };

/** Stored with the impersonation by the sidecar, whichever it is: which session it belongs to. */
const storedSchema = z.object({
  employee: z.object({ userId: z.string(), sessionId: z.string() }),
  tags: z.array(z.string()).optional(),
  metadata: z.json().optional(),
});

/** The sidecar is asked each time: an impersonation is never held, and counts only beside its employee's own session. */
export async function examineImpersonation(
  client: SessionClient,
  tokens: readonly string[],
  own: Session,
  view: RequestView,
): Promise<Impersonated> {
  const [token, ...more] = tokens.filter(isPlausible);
  if (token === undefined || !client.impersonation) return { kind: "none" };
  // One of them was planted, and the client controls their order.
  if (more.length > 0) return { kind: "over" };
  const { userAgent = "", ipAddress = "" } = describeClient(view);
  const data = { impersonationToken: token, userAgent, ipAddress, employeeSessionId: own.sessionId };
  const answer = await client.impersonation.validate(data);
  if (!answer.ok) return { kind: kindOf(answer) };
  const session = sessionOf(answer.data, own);
  return session ? { kind: "on", session } : { kind: "over" };
}

/** The command that starts an impersonation from the employee's session. */
export function creationOf(
  { employeeEmail, targetUserId, tags, metadata }: ImpersonateOptions,
  own: Session,
  client: { userAgent: string; ipAddress: string },
): CreateImpersonationData {
  const { userId, sessionId } = own;
  const json = metadataAsJson(metadata);
  const stored = {
    employee: { userId, sessionId },
    ...(tags && { tags }),
    ...(json !== undefined && { metadata: json }),
  };
  return { employeeEmail, targetUserId, ...client, employeeSessionId: sessionId, metadata: stored };
}

const OVER: ReadonlySet<string> = new Set([
  "ImpersonationNotEnabled",
  "InvalidImpersonationToken",
  "SessionNotFound",
  "IpAddressMismatch",
  "UserAgentMismatch",
]);
/** The sidecar does not have the command, or does not let this application use it. */
const NOT_SERVED: ReadonlySet<number | undefined> = new Set([400, 403, 413, 501]);

function kindOf({ error, status }: Extract<ClientAnswer<unknown>, { ok: false }>): "over" | "none" | "unavailable" {
  if (error.type === "InvalidImpersonationToken" && String(error.details).startsWith("NotFound")) return "none";
  if (OVER.has(error.type)) return "over";
  return NOT_SERVED.has(status) ? "none" : "unavailable";
}

function sessionOf(found: ValidatedImpersonation, own: Session): Session | undefined {
  const stored = storedSchema.safeParse(found.metadata);
  // Not every sidecar knows that the two belong together.
  if (!stored.success || stored.data.employee.sessionId !== own.sessionId) return undefined;
  const { impersonationSessionId: sessionId, targetUserId: userId, employeeEmail, createdAt } = found;
  if (typeof userId !== "string" || typeof sessionId !== "string" || userId === own.userId) return undefined;
  const { tags = [], metadata } = stored.data;
  const { hasDeviceRegistered, deviceEvidence, authenticatedAt } = own;
  const facts = { sessionId, userId, createdAt, expiresAt: Math.min(found.expiresAt, own.expiresAt), tags };
  // The person at the keyboard is the employee: their login and their device are what the evidence is about.
  return createSession({ ...facts, ...(metadata !== undefined && { metadata }), hasDeviceRegistered }, deviceEvidence, {
    authenticatedAt,
    impersonator: { employeeEmail, userId: own.userId, sessionId: own.sessionId },
  });
}

/** More than any honest browser has of one cookie. */
const MAX_ENDED = 8;

/** Ends the impersonations of these tokens. A token that the sidecar does not know ends nothing, and is no failure. */
export async function endImpersonations(
  { impersonation }: SessionClient,
  tokens: readonly string[],
): Promise<Extract<ClientAnswer<unknown>, { ok: false }> | undefined> {
  if (!impersonation) return undefined;
  for (const token of tokens.filter(isPlausible).slice(0, MAX_ENDED)) {
    const answer = await impersonation.invalidateByToken({ impersonationSessionToken: token });
    if (!answer.ok && kindOf(answer) === "unavailable") return answer;
  }
  return undefined;
}
