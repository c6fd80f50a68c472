import type { AttachedRequest, RequestView } from "@byo-session/core";
import { createVisitGate, type VisitGate, viewOfRequest, type Visit as WebVisit } from "@byo-session/core/web";
import type { SessionOptions, SessionRequest } from "./options.ts";
import type { Address } from "./paths.ts";
import type { KnownWord } from "./word.ts";

/** A request in one of the stages that Next handles it in: the proxy, or the server behind it. */
export interface Visit extends SessionRequest, Address, WebVisit {
  /** A page's render, by Next's own word: a page load by its nature, also where Next's router has asked for it. */
  readonly isRender: boolean;
  /** The request itself, where Next gives it. */
  readonly original?: Pick<Request, "body" | "bodyUsed"> | undefined;
  /** What the proxy has said of it. */
  word?: KnownWord | undefined;
}

/** @throws ConfigurationError `ERR_BYO_OPTIONS` for options that cannot be used. */
export function createNextGate(options: SessionOptions): VisitGate<Visit> {
  const { protect: _proxys, handoverSecret: _edges, ...shared } = options;
  return createVisitGate<Visit>(shared, {
    read: (visit) => viewOf(visit, options),
    visitOf: (visit) => visit,
    async recall(visit, tokens) {
      const outcome = await visit.word?.recall(tokens);
      if (!outcome) visit.word = undefined;
      return outcome;
    },
  });
}

/** Of a visit that a gate has handled. Never undefined: what core does not know of must not pass as let in. */
export function attachedTo({ attached }: Visit): AttachedRequest {
  if (attached) return attached;
  throw new Error("core has not attached to a request that it has handled");
}

/** A request as core reads it. */
export function viewOf(visit: Visit, { clientIp }: SessionOptions): RequestView {
  const { target, routedTarget, basePath, isRender, original } = visit;
  return viewOfRequest(visit, {
    ...{ target, routedTarget, basePath, isRender, original },
    clientIp: () => clientIp?.(visit),
  });
}
