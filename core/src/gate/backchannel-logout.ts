import { emptyResponse, type GateResponse, jsonResponse } from "../answers/gate-response.ts";
import { LogoutRefused } from "../backchannel-logout/logout-error.ts";
import { hashOf, sessionTag, subjectTag } from "../backchannel-logout/oidc-tags.ts";
import { readLogoutToken } from "../backchannel-logout/read-logout-token.ts";
import type { LogoutOrder } from "../backchannel-logout/verify.ts";
import type { CommandData } from "../contract/index.ts";
import { KeysUnavailable } from "../jwks/keys-unavailable.ts";
import type { RequestSession } from "./request-session.ts";

/** Beyond the token's own lifetime: the clocks of the sidecar's database and of its process may differ. */
const KEPT_LONGER_SECS = 300;

/**
 * Answers an OpenID provider that has logged a user out (OpenID Connect Back-Channel Logout 1.0). Only the signed token
 * counts: the request has no session of its own.
 */
export async function answerBackchannelLogout<N>(request: RequestSession<N>): Promise<GateResponse> {
  const { settings, clock } = request.parts;
  try {
    const token = await readLogoutToken(request.view);
    const nowSecs = await clock();
    if (nowSecs === undefined) return NOT_ENDED;
    // Loaded when it is needed: it brings jose, which most applications do not use.
    const { verifyLogoutToken } = await import("../backchannel-logout/verify.ts");
    const order = await verifyLogoutToken(token, settings.logoutProviders, nowSecs);
    return await endSessionsOf(order, request);
  } catch (error) {
    if (error instanceof LogoutRefused) return refuse(error.message);
    if (!(error instanceof KeysUnavailable)) throw error;
    tellOperator(`byo-session: a back-channel logout could not be verified. ${error.message}`);
    return unavailable("the provider's keys could not be fetched");
  }
}

async function endSessionsOf<N>(order: LogoutOrder, { parts }: RequestSession<N>): Promise<GateResponse> {
  const { invalidateMany } = parts.settings.client.session;
  if (!invalidateMany) throw new Error("a client without invalidateMany got past the check of the options");
  const data: CommandData["InvalidateSessions"] = {
    filter: { sessionTags: await tagsOf(order) },
    once: {
      id: await hashOf(order.issuer, order.jti),
      keptUntil: order.expiresAt + KEPT_LONGER_SECS,
      attemptId: crypto.randomUUID(),
    },
    cause: "BackchannelLogout",
  };
  let next: string | undefined = "";
  while (next !== undefined) {
    const answer = await invalidateMany({ ...data, pagingToken: next });
    if (answer.ok) next = answer.data.nextPagingToken;
    else if (answer.error.type === "AlreadyDone") return refuse("this logout token was used before (jti)");
    else return NOT_ENDED;
  }
  return emptyResponse(200);
}

/** A token with a `sid` means that session of the provider only, even if it also names the user. */
async function tagsOf({ issuer, sub, sid }: LogoutOrder): Promise<string[]> {
  return [
    ...(sid === undefined ? [] : [await sessionTag(issuer, sid)]),
    ...(sub === undefined ? [] : [await subjectTag(issuer, sub)]),
  ];
}

/** In the form of section 2.8. */
function refuse(description: string): GateResponse {
  const body = { error: "invalid_request", error_description: description };
  return { ...jsonResponse(400, body), reason: "BadRequest" };
}

/** Not 400: the same token is good once the cause is gone, and parts that have been ended stay ended. */
function unavailable(description: string): GateResponse {
  const body = { error: "temporarily_unavailable", error_description: description };
  return { ...jsonResponse(503, body, [["Retry-After", "1"]]), reason: "SidecarUnavailable" };
}

const NOT_ENDED = unavailable("not all sessions could be ended");

const QUIET_MS = 60_000;
let quietUntilMs = 0;

/** At most once a minute, because anyone can cause it. */
function tellOperator(line: string): void {
  if (performance.now() < quietUntilMs) return;
  quietUntilMs = performance.now() + QUIET_MS;
  console.error(line);
}
