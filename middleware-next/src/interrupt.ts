import { type GateResponse, type Reason, SessionActionError } from "@byo-session/core";
// What `next/navigation` is on the server. By that name Node cannot import it, and with `.js` Next takes it for the
// client's, which no route handler can be built with.
import { forbidden, redirect, unauthorized } from "next/dist/client/components/navigation.react-server.js";

/** Ends a render or an action by core's answer, as far as Next has a way to: it cannot be sent as it is. */
export function interruptBy(answer: GateResponse): never {
  const location = answer.headers.find(([name]) => name === "Location")?.[1];
  if (location !== undefined) redirect(location);
  const error = errorOf(answer);
  if (answer.status === 401) interruptIfEnabled(unauthorized, error);
  if (answer.status === 403) interruptIfEnabled(forbidden, error);
  throw error;
}

export function errorOf(answer: GateResponse): SessionActionError {
  const { errorType, reason = errorType }: { errorType: Reason; reason?: Reason } = JSON.parse(answer.body);
  const code = reason === "SidecarUnavailable" ? "ERR_SIDECAR_UNAVAILABLE" : "ERR_REFUSED";
  return new SessionActionError(code, reason, `the request may not pass: ${reason}`, answer);
}

/** Without `experimental.authInterrupts` they throw an error about that, which says nothing of the session. */
function interruptIfEnabled(interrupt: () => never, otherwise: Error): never {
  try {
    return interrupt();
  } catch (error) {
    throw error instanceof Error && "digest" in error ? error : otherwise;
  }
}
