import { currentRequest } from "./request.ts";

/** The details of an error that only the log explains, with what finds its line there. */
export function internalError(): string {
  const request = currentRequest();
  return `internal error; see the sidecar's log${request ? ` for the request ${request.id}` : ""}`;
}
