import type { GateResponse } from "../answers/gate-response.ts";
import { ConfigurationError } from "../errors.ts";
import { hasBecomeUnsafe } from "../request/request-view.ts";
import type { Finding } from "../verdict/finding.ts";
import { createActions } from "./actions/actions.ts";
import type { SessionActions } from "./actions/session-actions.ts";
import { answerOfGuard, type SessionRequirements } from "./guard.ts";
import type { RequestSession } from "./request-session.ts";

/**
 * What the application sees of a request.
 *
 * @throws ConfigurationError `ERR_METHOD_OVERRIDDEN`, from `session`, `byo` and `guard`.
 */
export interface AttachedRequest {
  readonly session: SessionActions["session"];
  readonly byo: SessionActions;
  /**
   * The response to a request that may not pass; undefined if it may. The requirements have been checked. `asPage`:
   * the response may be a redirect. Default: for page loads.
   */
  guard(
    requirements: SessionRequirements,
    asPage?: boolean,
  ): GateResponse | undefined | Promise<GateResponse | undefined>;
  /** CORS headers for a page of another origin that the options trust. */
  corsHeaders(): [name: string, value: string][];
  /** For a later stage of the same request; undefined if nobody has read the session yet. */
  finding(): Promise<Finding | undefined>;
}

export function attachedRequest<N>(request: RequestSession<N>): AttachedRequest {
  return new Attached(request);
}

class Attached<N> implements AttachedRequest {
  readonly #request: RequestSession<N>;
  #byo: SessionActions | undefined;

  constructor(request: RequestSession<N>) {
    this.#request = request;
  }

  /** Whether other sites may send it, and an employee who may only read, was decided by the method that it came with. */
  get #asChecked(): RequestSession<N> {
    if (hasBecomeUnsafe(this.#request.view)) throw new ConfigurationError(...OVERRIDDEN);
    return this.#request;
  }

  get session(): SessionActions["session"] {
    return this.#asChecked.session;
  }

  /** Created when first used: most requests only read the session. */
  get byo(): SessionActions {
    const request = this.#asChecked;
    this.#byo ??= createActions(request);
    return this.#byo;
  }

  guard(requirements: SessionRequirements, asPage?: boolean): ReturnType<AttachedRequest["guard"]> {
    return answerOfGuard(this.#asChecked, requirements, asPage);
  }

  corsHeaders(): [name: string, value: string][] {
    return this.#request.corsHeaders();
  }

  finding(): Promise<Finding | undefined> {
    return this.#request.finding();
  }
}

const OVERRIDDEN = [
  "ERR_METHOD_OVERRIDDEN",
  "something between byoSession() and this handler has replaced the method GET, HEAD or OPTIONS of the request by one that " +
    "changes something, after it was checked: mount the method override before byoSession()",
] as const;
