import type { GateResponse } from "../answers/gate-response.ts";
import type { Reason } from "../answers/reasons.ts";
import { createRefusals } from "../answers/refusals.ts";
import type { CommandResponse } from "../contract/index.ts";
import { isOwnOrTrusted } from "../origin/cross-origin.ts";
import type { RequestView } from "../request/request-view.ts";
import { changeSession, type Session } from "../session.ts";
import type { SessionClient } from "../sidecar/session-client.ts";
import type { SessionEnd } from "../sidecar/watch/watcher.ts";
import { LiveSession, type Revalidation, type SessionWatcher } from "./live-session.ts";
import { type GateParts, RequestSession } from "./request-session.ts";

/** The session of a request that opens a WebSocket, or why it is refused. */
export type UpgradeResult =
  | OpenedSocket
  | {
      readonly ok: false;
      readonly status: number;
      readonly reason: Reason;
      /** The whole HTTP response, for `socket.end()`. */
      readonly response: string;
    };

export interface OpenedSocket {
  readonly ok: true;
  readonly session: Session;
  /** The session's absolute end, in Unix seconds. `closed` and `watch` report it too. */
  readonly expiresAt: number;
  /**
   * Resolves with the reason when the session ended: close the socket then. If the sidecar pushes changes, it resolves
   * within a second, usually within milliseconds; otherwise within 30 seconds. It stays pending if the socket closes first.
   *
   * @example opened.closed.then(({ reason }) => ws.close(4401, reason));
   */
  readonly closed: Promise<SessionEnd>;
  /**
   * Reports the session's end and changes until the socket closes or the returned function is called. If the request is
   * not the WebSocket's own upgrade, as with Socket.IO over polling, call that function when the connection is over.
   */
  watch(watcher: SessionWatcher): () => void;
  /** Stops all watches. On Node, closing the socket does this. */
  release(): void;
  /** Asks the sidecar now, by session id, whether the session still lives. */
  revalidate(): Promise<Revalidation>;
}

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
  request.letIn({ recentProof: true });
  const found = request.session;
  if (found === null) {
    const reason = outcome.reason ?? "NoSession";
    return refused(reason, refusals.refuse(reason));
  }
  // Nothing would tell the socket when the impersonation ends.
  if (request.isImpersonated) return refused("ImpersonationRefused", refusals.refuse("ImpersonationRefused"));
  // The ticket was requested with a proof. The sidecar ensures that it works only for its own session.
  const session = found.deviceEvidence === "recent" ? changeSession(found, { deviceEvidence: "proof" }) : found;
  return openedWith(new LiveSession(settings.client, session));
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

function openedWith(live: LiveSession): OpenedSocket {
  const { session } = live;
  return {
    ...{ ok: true, session, expiresAt: session.expiresAt },
    get closed() {
      return live.closed;
    },
    watch: (watcher) => live.watch(watcher),
    release: () => live.release(),
    revalidate: () => live.revalidate(),
  };
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
