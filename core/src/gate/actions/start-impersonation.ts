import { creationOf, examineImpersonation, type ImpersonateOptions } from "../../impersonation/impersonated.ts";
import { describeClient } from "../../request/describe-client.ts";
import type { Session } from "../../session.ts";
import type { RequestSession } from "../request-session.ts";
import type { CurrentSession } from "../session-in-use.ts";
import { actionError, dataOf } from "./action-errors.ts";

/** @throws SessionActionError */
export async function startImpersonation<N>(
  request: RequestSession<N>,
  { session: own }: CurrentSession,
  options: ImpersonateOptions,
): Promise<Session> {
  const { settings, refusals } = request.parts;
  const { impersonation } = settings.client;
  if (!impersonation) {
    const message = "this sidecar client does not support impersonation: use createClient() from @byo-session/core";
    throw actionError("ERR_SIDECAR_UNAVAILABLE", "SidecarUnavailable", message, refusals);
  }
  if (options.targetUserId === own.userId) {
    throw actionError("ERR_REFUSED", "UnauthorizedEmployee", "an employee cannot act as themselves", refusals);
  }
  if (request.credentials.via === "bearer") {
    const message =
      "a session that is sent as a Bearer token cannot impersonate: the impersonation is kept in a cookie";
    throw actionError("ERR_REFUSED", "ImpersonationRefused", message, refusals);
  }
  const { userAgent = "", ipAddress } = describeClient(request.view);
  if (ipAddress === undefined) {
    const message = "an impersonation is bound to the client's address, which is not known: set the option `clientIp`";
    throw actionError("ERR_REFUSED", "IpAddressError", message, refusals);
  }
  const creation = await impersonation.create(creationOf(options, own, { userAgent, ipAddress }));
  const { impersonationSessionToken: token } = dataOf(creation, refusals);
  // As each request will find it: the answer to the creation does not contain its times.
  const found = await examineImpersonation(settings.client, [token], own, request.view);
  if (found.kind !== "on" || !request.sink.canWrite) {
    await impersonation.invalidateByToken({ impersonationSessionToken: token });
    const message = "the impersonation could not be completed, and has been ended again";
    throw found.kind === "on"
      ? actionError("ERR_HEADERS_SENT", "HeadersSent", message, refusals)
      : actionError("ERR_SIDECAR_UNAVAILABLE", "SidecarUnavailable", message, refusals);
  }
  request.sink.whenLost?.(() => void impersonation.invalidateByToken({ impersonationSessionToken: token }));
  request.startImpersonation(found.session, token);
  return found.session;
}
