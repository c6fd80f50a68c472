import { isAcknowledged, isRefused, type Operation, type SessionHistory } from "./history.ts";

/** What must hold for every client, whatever happens to the servers. */
export const PROMISES = {
  "a session that nobody ended lives": livesUntilEnded,
  "an ended session is refused everywhere within a second": staysEnded,
  "a token belongs to one user": hasOneUser,
  "a token has one successor": hasOneSuccessor,
  "a token that was replaced stays replaced": staysReplaced,
  "an answer is a success, a refusal or 503": isTyped,
} as const;

export type PromiseName = keyof typeof PROMISES;

export interface Broken {
  promise: PromiseName;
  history: SessionHistory;
}

/** How long another replica may serve a session after its end was acknowledged. */
const SPREAD_MS = 1000;

/** Holds each client's history against the promises. */
export function judge(histories: readonly SessionHistory[]): Broken[] {
  const names = Object.keys(PROMISES).filter((name): name is PromiseName => name in PROMISES);
  return histories.flatMap((history) =>
    names.filter((promise) => !PROMISES[promise](history)).map((promise) => ({ promise, history })),
  );
}

function livesUntilEnded({ operations }: SessionHistory): boolean {
  const end = operations.find(({ kind }) => kind === "end");
  return !operations.some((visit) => isRefused(visit) && (end === undefined || visit.answeredAtMs < end.sentAtMs));
}

function staysEnded({ operations }: SessionHistory): boolean {
  const end = operations.find((operation) => operation.kind === "end" && isAcknowledged(operation));
  if (!end) return true;
  const isLate = (visit: Operation) => visit.kind === "visit" && visit.sentAtMs > end.answeredAtMs + SPREAD_MS;
  return !operations.some((visit) => isLate(visit) && isAcknowledged(visit));
}

function hasOneUser({ userId, operations }: SessionHistory): boolean {
  return operations.every((visit) => visit.userId === undefined || visit.userId === userId);
}

function hasOneSuccessor({ operations }: SessionHistory): boolean {
  const successors = new Map<string, string>();
  return operations.every(({ token, successor }) => {
    if (successor === undefined) return true;
    const known = successors.get(token) ?? successor;
    successors.set(token, known);
    return known === successor;
  });
}

/** Once its successor was used with success, an old token is given no successor any more. */
function staysReplaced({ operations }: SessionHistory): boolean {
  const predecessorOf = new Map<string, string>();
  const replaced = new Map<string, number>();
  return operations.every(({ token, successor, ...operation }) => {
    const replacedAtMs = replaced.get(token) ?? Number.POSITIVE_INFINITY;
    if (successor !== undefined && operation.sentAtMs > replacedAtMs) return false;
    const predecessor = predecessorOf.get(token);
    if (
      predecessor !== undefined &&
      operation.kind === "visit" &&
      operation.status === 200 &&
      !replaced.has(predecessor)
    )
      replaced.set(predecessor, operation.answeredAtMs);
    if (successor !== undefined) predecessorOf.set(successor, token);
    return true;
  });
}

function isTyped({ operations }: SessionHistory): boolean {
  return operations.every(({ details }) => details === undefined);
}
