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

/** What a host has its own way to say or to do; `N` is its own object of a request. */
export interface HostOptions<N> extends Pick<WebHost<N>, "isInternal"> {
  /**
   * What a failed action throws, made of the answer that is due, where the host answers no error but of its own kinds; it
   * may throw by itself. Default: the `SessionActionError`, which `run` answers.
   */
  raise?(answer: Response): unknown;
}

/** The sessions of an application; `N` is the host's own object of a request, one and the same until its answer. */
export interface Sessions<N> {
  /**
   * Takes in a request: core's own answer, or the handler's, with the cookie that is due, in a copy of the response. Within
   * the handler `native` stands for the request. Run again for it, as by a host that rewrites requests, it decides nothing
   * anew, and what was refused stays so.
   *
   * @param url The address of the page, where the request's is another one that only the host's router asks for: `returnTo`,
   * the ready-made routes and the proofs of devices go by it.
   */
  run(request: Request, native: N, handler: () => Response | Promise<Response>, url?: URL): Promise<Response>;
  /** The session of the request, or null. With `lazy: true` after `await byo(native).getSession()`. */
  session(native: N): Session | null;
  /** What the request can do with sessions. */
  byo(native: N): SessionActions;
  /**
   * The answer to a request that may not pass: 401, or a redirect to `loginUrl` for a page load; 403 for a missing tag.
   * Undefined: it may. `asPage`: the answer may be a redirect, as for what a router of the page's own asks for. Default: for
   * page loads.
   *
   * @throws ConfigurationError `ERR_BYO_OPTIONS` for requirements that it does not know.
   */
  guard(native: N, requirements?: SessionRequirements, asPage?: boolean): Promise<Response | undefined>;
  /** The CORS headers of an answer, for pages of the origins in `trustedOrigins`. */
  corsHeaders(native: N): Record<string, string>;
  /** The session of a request that opens a WebSocket: `Origin` is checked, nothing is rotated. */
  authenticateUpgrade(request: Request, native: N): Promise<UpgradeResult>;
}

/**
 * Makes the sessions of an application in a host that has no entry of its own here. The options are looked at when the
 * first request comes, since a build has no environment.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, then, for options that cannot be used; the message says how to mend them.
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
