import {
  type ByoSessionOptions,
  checkRequirements,
  type Session,
  type SessionActions,
  type SessionRequirements,
  type UpgradeResult,
} from "@byo-session/core";
import { responseOf } from "@byo-session/core/web";
import { raisingActions } from "./raising-actions.ts";
import { attachedTo } from "./visit.ts";
import { createWebGate, type WebHost } from "./web-gate.ts";

/** What differs between hosts; `N` is the host's own request object. */
export interface HostOptions<N> extends Pick<WebHost<N>, "isInternal"> {
  /**
   * Turns the response to a failed action into what is thrown, for a host that only answers its own kinds of errors;
   * it may also throw by itself. Default: the `SessionActionError`, which `run` answers.
   */
  raise?(answer: Response): unknown;
}

/**
 * The sessions of an application; `N` is the host's own request object, which must stay the same until the response.
 */
export interface Sessions<N> {
  /**
   * Handles a request: returns core's own response, or a copy of the handler's with the cookie. Inside the handler,
   * `native` represents the request. If it runs again for the same request, as in a host that rewrites requests, it
   * does not decide again, and a refusal stays a refusal.
   *
   * @param url The URL of the page, if the request's URL is internal to the host's router: `returnTo`, the ready-made
   * routes and device proofs use it.
   */
  run(request: Request, native: N, handler: () => Response | Promise<Response>, url?: URL): Promise<Response>;
  /** The session of the request, or null. With `lazy: true`, call `await byo(native).getSession()` first. */
  session(native: N): Session | null;
  /** What the request can do with sessions. */
  byo(native: N): SessionActions;
  /**
   * The response to a request that may not pass: 401, or a redirect to `loginUrl` for a page load; 403 for a missing
   * tag. Undefined if it may pass. `asPage`: the response may be a redirect, for example for a request by the page's
   * client-side router. Default: for page loads.
   *
   * @throws ConfigurationError `ERR_BYO_OPTIONS` for unknown requirements.
   */
  guard(native: N, requirements?: SessionRequirements, asPage?: boolean): Promise<Response | undefined>;
  /** The CORS headers of a response to pages of the origins in `trustedOrigins`. */
  corsHeaders(native: N): Record<string, string>;
  /** The session of a request that opens a WebSocket. `Origin` is checked, and the token is not rotated. */
  authenticateUpgrade(request: Request, native: N): Promise<UpgradeResult>;
}

/**
 * Creates the sessions of an application in a host without its own entry point here. The options are checked at the
 * first request, because a build has no environment.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, at the first request, for invalid options; the message says how to fix
 * them.
 * @example
 * const sessions = createSessions<RequestEvent>({ loginUrl: "/login" });
 * const handle = ({ event, resolve }) => sessions.run(event.request, event, () => resolve(event));
 */
export function createSessions<N extends object = Request>(
  options: ByoSessionOptions<N> = {},
  { raise, ...host }: HostOptions<N> = {},
): Sessions<N> {
  const taken = new WeakSet<N>();
  let made: ReturnType<typeof createWebGate<N>> | undefined;
  const gate = () => {
    made ??= createWebGate<N>(options, host);
    return made;
  };

  return {
    async run(request, native, handler, url) {
      if (taken.has(native)) return gate().goOn(native, handler);
      taken.add(native);
      return gate().run(request, native, handler, url && url.pathname + url.search);
    },
    session: (native) => attachedTo(native).session,
    byo(native) {
      const { byo } = attachedTo(native);
      return raise ? raisingActions(byo, raise) : byo;
    },
    async guard(native, requirements = {}, asPage) {
      const refused = await attachedTo(native).guard(checkRequirements(requirements), asPage);
      return refused && responseOf(refused);
    },
    corsHeaders: (native) => Object.fromEntries(attachedTo(native).corsHeaders()),
    authenticateUpgrade: async (request, native) => gate().authenticateUpgrade(request, native),
  };
}
