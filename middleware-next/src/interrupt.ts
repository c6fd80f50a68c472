import { type GateResponse, SessionActionError } from "@byo-session/core";
// What `next/navigation` is on the server. By that name Node cannot import it, and with `.js` Next takes it for the
// client's, which no route handler can be built with.
import { forbidden, redirect, unauthorized } from "next/dist/client/components/navigation.react-server.js";
import { withoutBasePath } from "./paths.ts";
import type { Part } from "./server-visit.ts";

/** Has the browser load the page once more, at the address that the application writes. */
export const loadAgain: (address: string) => never = redirect;

/** Ends a page, an action or a handler by core's answer, as far as Next has a way to: it cannot be sent as it is. */
export function interruptBy(answer: GateResponse, part: Part): never {
  const location = answer.headers.find(([name]) => name === "Location")?.[1];
  // Next itself adds `basePath` in pages and actions, and nowhere else.
  if (location !== undefined) redirect(part === "route" ? location : withoutBasePath(location));
  const error = errorOf(answer, part);
  if (answer.status === 401) interruptIfEnabled(unauthorized, error);
  if (answer.status === 403) interruptIfEnabled(forbidden, error);
  throw error;
}

/**
 * The error that core's answer is thrown as. Its `digest` is what `error.tsx` gets to see in production; of a route
 * handler's Next makes the status, which is 500 for other errors.
 */
export function errorOf(answer: GateResponse, part: Part): SessionActionError & { digest: string } {
  const { reason = "NoSession" } = answer;
  const code = reason === "SidecarUnavailable" ? "ERR_SIDECAR_UNAVAILABLE" : "ERR_REFUSED";
  const error = new SessionActionError(code, reason, `the request may not pass: ${reason}`, answer);
  const isStatusOfNext = part === "route" && (answer.status === 401 || answer.status === 403);
  return Object.assign(error, {
    digest: isStatusOfNext ? `NEXT_HTTP_ERROR_FALLBACK;${answer.status}` : `BYO_SESSION;${reason}`,
  });
}

/** Without `experimental.authInterrupts` they throw an error about that, which says nothing of the session. */
function interruptIfEnabled(interrupt: () => never, otherwise: Error): never {
  try {
    return interrupt();
  } catch (error) {
    throw error instanceof Error && "digest" in error ? error : otherwise;
  }
}
