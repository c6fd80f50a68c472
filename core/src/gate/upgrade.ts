import type { GateResponse } from "../answers/gate-response.ts";
import type { Reason } from "../answers/reasons.ts";
import { createRefusals } from "../answers/refusals.ts";
import type { CommandResponse } from "../contract/index.ts";
import { isOwnOrTrusted } from "../origin/cross-origin.ts";
import type { RequestView } from "../request/request-view.ts";
import { changeSession, createSession, type Session } from "../session.ts";
import type { SessionClient } from "../sidecar/session-client.ts";
import { type GateParts, RequestSession } from "./request-session.ts";

/** The session of a request that opens a WebSocket, or why it is refused. */
export type UpgradeResult =
  | {
      readonly ok: true;
      readonly session: Session;
      /** When to close the socket at the latest, in Unix seconds. */
      readonly expiresAt: number;
      /**
       * Asks the sidecar, by session id, whether the session still lives. Call it at least every 60 s: otherwise a
       * socket outlives a logout.
       */
      revalidate(): Promise<Revalidation>;
    }
  | {
      readonly ok: false;
      readonly status: number;
      readonly reason: Reason;
      /** The whole HTTP response, for `socket.end()`. */
      readonly response: string;
    };

export type Revalidation =
  | { readonly ok: true; readonly session: Session }
  /** `SidecarUnavailable` says nothing about the session. */
  | { readonly ok: false; readonly reason: "NotFound" | "SidecarUnavailable" };

type Ticket = CommandResponse["RedeemUpgradeTicket"];

/** Never rotates, because the response to an upgrade cannot set a cookie. */
const NO_HEADERS = { canWrite: false, write() {} };

export async function authenticateUpgrade<N>(
  parts: GateParts<N>,
  native: N,
  view: RequestView,
): Promise<UpgradeResult> {
  const { settings, refusals } = parts;
  const publicUrl = settings.publicUrl(native);
  const origin = view.header("origin");
  // CORS does not apply to WebSockets: any page can open one, with the user's cookies.
  if (origin !== undefined && !isOwnOrTrusted(origin, view, { trustedOrigins: settings.trustedOrigins, publicUrl })) {
    return refused("CrossOrigin", refusals.refuse("CrossOrigin"));
  }
  const ticket = await redeemTicket(settings.client, view.target);
  if (ticket === "unavailable") return refused("SidecarUnavailable", refusals.refuse("SidecarUnavailable"));
  const request = new RequestSession(parts, native, view, NO_HEADERS);
  // The browser's device cookie is ignored: a socket lives long, and needs more than a recent proof.
  request.heldDeviceCookie = ticket?.deviceCookie ?? "";
  const outcome = await request.load();
  if (outcome.kind === "respond") return refused(outcome.reason, outcome.response);
  request.letInRecent();
  const found = request.session;
  if (found === null) {
    const reason = outcome.reason ?? "NoSession";
    return refused(reason, refusals.refuse(reason));
  }
  // The ticket was requested with a proof. The sidecar ensures that it works only for its own session.
  const session = found.deviceEvidence === "recent" ? changeSession(found, { deviceEvidence: "proof" }) : found;
  return { ok: true, session, expiresAt: session.expiresAt, revalidate: () => revalidate(parts, session) };
}

/** For an error in the application itself, which is reported elsewhere: the client learns nothing about it. */
export function failedUpgrade(): UpgradeResult {
  const refusals = createRefusals({ challengeStatus: 425, tellReason: false });
  return refused("InternalError", refusals.refuse("InternalError"));
}

/** Redeems the `ticket` parameter of the target; this uses up the ticket. */
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
