import { type AttachedRequest, ConfigurationError, type GateResponse, type RequestView } from "@byo-session/core";
import type { Visit } from "@byo-session/core/web";

export interface WebVisit extends Visit {
  readonly view: RequestView;
  /** Resolves to that response, or to undefined if the application responds. */
  decision?: Promise<GateResponse | undefined>;
}

/** Keyed by the host's own request object, which the application has in its handlers. */
const visits = new WeakMap<object, WebVisit>();

/** @throws ConfigurationError `ERR_MOUNTED_TWICE` */
export function begin(native: object, visit: WebVisit): void {
  if (visits.has(native)) {
    throw new ConfigurationError(
      "ERR_MOUNTED_TWICE",
      "two of byoSession() or createSessions() handle the same request: mount only one, once, before the routes that need it",
    );
  }
  visits.set(native, visit);
}

/** @throws ConfigurationError `ERR_NOT_MOUNTED` */
export function visitOf(native: object): WebVisit {
  const visit = visits.get(native);
  if (visit) return visit;
  throw notMounted();
}

/** @throws ConfigurationError `ERR_NOT_MOUNTED` for a request that has not passed the middleware. */
export function attachedTo(native: object): AttachedRequest {
  const { attached } = visitOf(native);
  if (attached) return attached;
  throw notMounted();
}

/** `name`: the name that both use for the session or its actions, as users write it. */
export function nameTaken(name: string): ConfigurationError {
  return new ConfigurationError(
    "ERR_SESSION_PROPERTY_TAKEN",
    `another library also uses ${name}. To keep both, set \`sessionProperty\``,
  );
}

function notMounted(): ConfigurationError {
  return new ConfigurationError(
    "ERR_NOT_MOUNTED",
    "this request has not passed byoSession(), or run() of createSessions(): mount it before the routes that need it",
  );
}
