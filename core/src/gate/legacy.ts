import { ConfigurationError, SessionActionError } from "../errors.ts";
import { metadataAsJson } from "../session.ts";
import type { LegacySession } from "../settings/options.ts";
import { replaceSessions, type StartedSession } from "./actions/start-session.ts";
import { tagsOfLogin } from "./actions/tags-of-login.ts";
import { anonymous, respond } from "./outcome.ts";
import type { LegacyImport, RequestSession } from "./request-session.ts";

/**
 * Turns a session of the previous library into one of ours. The sidecar ensures that this happens only once for each.
 */
export function createLegacyImport<N>(): LegacyImport<N> {
  // A returning browser sends several requests at once; they share the one session that replaces the old one. Requests
  // to this process also share the call that creates it.
  const underWay = new Map<string, Promise<StartedSession>>();

  return async (request) => {
    const { settings, refusals } = request.parts;
    const found = await settings.legacySession?.(request.native);
    if (!found) return anonymous("NoSession");
    let importing = underWay.get(found.legacyId);
    if (!importing) {
      importing = start(request, found).finally(() => underWay.delete(found.legacyId));
      underWay.set(found.legacyId, importing);
    }
    try {
      const { session, created, ageSecs } = await importing;
      const presented = { token: created.sessionToken, persistent: found.persistent ?? true };
      request.adopt(session, presented, "cookie", ageSecs);
      return { kind: "proceed", session };
    } catch (error) {
      if (!(error instanceof SessionActionError) || error.reason === "NewDeviceChallengeRequired") throw error;
      return error.reason === "SidecarUnavailable" ? respond(error.reason, refusals) : anonymous(error.reason);
    }
  };
}

/**
 * The requests of one browser may reach several processes at once: with this secret they get one session. All
 * processes have the integration key, which is not in the database; the application's own client does not expose it.
 */
async function secretOf(legacyId: string, integrationKey: string | undefined): Promise<{ legacySecret?: string }> {
  if (integrationKey === undefined) return {};
  const bytes = (text: string) => new TextEncoder().encode(text);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes(integrationKey), algorithm, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, bytes(`byo-session legacySession ${legacyId}`));
  return { legacySecret: Array.from(new Uint8Array(mac), (byte) => byte.toString(16).padStart(2, "0")).join("") };
}

async function start<N>(request: RequestSession<N>, found: LegacySession): Promise<StartedSession> {
  const { userId, legacyId, authenticatedAt, lifetimeSecs, metadata } = found;
  const tags = await tagsOfLogin(found.tags, found.oidc, request.parts.refusals);
  const wanted = {
    userId,
    legacyId,
    ...(await secretOf(legacyId, request.parts.settings.integrationKey)),
    ...(authenticatedAt !== undefined && { authenticatedAt }),
    ...(lifetimeSecs !== undefined && { lifetimeSecs }),
    ...tags,
    ...(metadata !== undefined && { metadata: metadataAsJson(metadata) }),
  };
  const answer = await replaceSessions(request, wanted, lifetimeSecs);
  if (answer.created.legacyIdRecorded) return answer;
  // Without the record, the old cookie could create a new session again and again, after every logout.
  await request.parts.settings.client.session.invalidateByToken({ sessionToken: answer.created.sessionToken });
  throw new ConfigurationError(
    "ERR_LEGACY_ID_NOT_RECORDED",
    "`legacySession` needs a sidecar that records `legacyId`: use @byo-session/sidecar, or remove the option",
  );
}
