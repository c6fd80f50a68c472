import type { GateResponse } from "../answers/gate-response.ts";
import type { Reason } from "../answers/reasons.ts";
import { createRefusals } from "../answers/refusals.ts";
import type { CommandResponse } from "../contract/index.ts";
import { isOwnOrTrusted } from "../origin/cross-origin.ts";
import type { RequestView } from "../request/request-view.ts";
import { changeSession, createSession, type Session } from "../session.ts";
import type { SessionClient } from "../sidecar/session-client.ts";
import { type GateParts, RequestSession } from "./request-session.ts";

/** The session of a request that opens a WebSocket, or why it may not. */
export type UpgradeResult =
  | {
      readonly ok: true;
      readonly session: Session;
      /** Close the socket then at the latest; Unix seconds. */
      readonly expiresAt: number;
      /**
       * Asks the sidecar, by session id, whether the session still lives. At least every 60 s: a socket outlives a
       * log-out otherwise.
       */
      revalidate(): Promise<Revalidation>;
    }
  | {
      readonly ok: false;
      readonly status: number;
      readonly reason: Reason;
      /** The whole HTTP answer, for `socket.end()`. */
      readonly response: string;
    };

export type Revalidation =
  | { readonly ok: true; readonly session: Session }
  /** `SidecarUnavailable` says nothing about the session. */
  | { readonly ok: false; readonly reason: "NotFound" | "SidecarUnavailable" };

type Ticket = CommandResponse["RedeemUpgradeTicket"];

/** Never rotates: an upgrade's answer is no place for a cookie. */
const NO_HEADERS = { canWrite: false, write() {} };

export async function authenticateUpgrade<N>(
  parts: GateParts<N>,
  native: N,
  view: RequestView,
): Promise<UpgradeResult> {
  const { settings, refusals } = parts;
  const publicUrl = settings.publicUrl(native);
  const origin = view.header("origin");
  // WebSockets know no CORS: any page can open one, with the user's cookies.
  if (origin !== undefined && !isOwnOrTrusted(origin, view, { trustedOrigins: settings.trustedOrigins, publicUrl })) {
    return refused("CrossOrigin", refusals.refuse("CrossOrigin"));
  }
  const ticket = await redeemTicket(settings.client, view.target);
  if (ticket === "unavailable") return refused("SidecarUnavailable", refusals.refuse("SidecarUnavailable"));
  const request = new RequestSession(parts, native, view, NO_HEADERS);
  // Of the browser's own device cookie this knows nothing: a socket lives long, and needs more than a recent proof.
  request.heldDeviceCookie = ticket?.deviceCookie ?? "";
  const outcome = await request.load();
  if (outcome.kind === "respond") return refused(outcome.reason, outcome.response);
  request.letInRecent();
  const found = request.session;
  if (found === null) {
    const reason = outcome.reason ?? "NoSession";
    return refused(reason, refusals.refuse(reason));
  }
  // The ticket was asked for with a proof. It counts for the session that it was made for: the sidecar sees to that.
  const session = found.deviceEvidence === "recent" ? changeSession(found, { deviceEvidence: "proof" }) : found;
  return { ok: true, session, expiresAt: session.expiresAt, revalidate: () => revalidate(parts, session) };
}

/** For what went wrong in the application itself, which has been told elsewhere: a socket's peer learns nothing of it. */
export function failedUpgrade(): UpgradeResult {
  const refusals = createRefusals({ challengeStatus: 425, tellReason: false });
  return refused("InternalError", refusals.refuse("InternalError"));
}

/** What the target's `ticket` parameter is good for; the ticket is spent by this. */
async function redeemTicket(client: SessionClient, target: string): Promise<Ticket | "unavailable" | undefined> {
  const [, ticket] = /[?&]ticket=([\w-]{1,256})(?:&|$)/.exec(target) ?? [];
  if (ticket === undefined || !client.session.redeemUpgradeTicket) return undefined;
  const answer = await client.session.redeemUpgradeTicket({ ticket });
  if (answer.ok) return answer.data;
  return answer.error.type === "InvalidSessionToken" ? undefined : "unavailable";
}

async function revalidate<N>({ settings }: GateParts<N>, session: Session): Promise<Revalidation> {
  const answer = await settings.client.session.fetchById({ sessionId: session.sessionId });
  if (!answer.ok) {
    return { ok: false, reason: answer.error.type === "SessionNotFound" ? "NotFound" : "SidecarUnavailable" };
  }
  const { sessionTags, ...info } = answer.data;
  const { userId, hasDeviceRegistered, deviceEvidence } = session;
  const fresh = { ...info, userId, hasDeviceRegistered, ...(sessionTags && { tags: sessionTags }) };
  return { ok: true, session: createSession(fresh, deviceEvidence) };
}

function refused(reason: Reason, { status, headers, body }: GateResponse): UpgradeResult {
  const lines = [
    `HTTP/1.1 ${status} ${reason}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${new TextEncoder().encode(body).length}`,
    "Connection: close",
  ];
  return { ok: false, status, reason, response: `${lines.join("\r\n")}\r\n\r\n${body}` };
}
