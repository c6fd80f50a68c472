/** Where an answer was given. The list is closed, because it labels a metric. */
export type AnswerRoute =
  | "run-command"
  /** A command in a frame. */
  | "frame"
  /** The handshake of the fast path, where it is refused. */
  | "fast-path"
  | "jwks"
  | "healthz"
  | "readyz"
  | "metrics"
  /** The dashboard, and everything that does not exist. */
  | "other"
  /** Bytes that never became a request. */
  | "broken";

/** Counts an answer. `unsent`: the other end left before all of it was sent. */
export type CountAnswer = (route: AnswerRoute, status: number | "unsent") => void;

const ROUTES: ReadonlyMap<string, AnswerRoute> = new Map([
  ["/run-command", "run-command"],
  ["/fast-path", "fast-path"],
  ["/.well-known/jwks.json", "jwks"],
  ["/healthz", "healthz"],
  ["/readyz", "readyz"],
  ["/metrics", "metrics"],
]);

export function routeOf(url = ""): AnswerRoute {
  const query = url.indexOf("?");
  return ROUTES.get(query < 0 ? url : url.slice(0, query)) ?? "other";
}
