import type { OidcClaims } from "../backchannel-logout/oidc-tags.ts";
import type { LogoutProvider } from "../backchannel-logout/provider.ts";
import type { CookieOptions } from "../cookies/cookie-options.ts";
import type { DevicePage, DevicePageAnswer } from "../device-page/page.ts";
import type { ImpersonationRule } from "../impersonation/rule.ts";
import type { SessionMetadata, SessionTag } from "../session.ts";
import type { SessionClient } from "../sidecar/session-client.ts";

/** The options of `byoSession()`, the same for every framework; `Req` is the framework's request. */
export interface ByoSessionOptions<Req> {
  /** Where the sidecar listens. Default: the environment's `BYO_URL`. */
  url?: string;
  /** A key of the sidecar, `api_…`. Default: the environment's `BYO_INTEGRATION_KEY`. */
  integrationKey?: string;
  /**
   * Your own client, instead of `url` and `integrationKey`: from this package's `createClient()`, or the public one.
   */
  client?: SessionClient;
  /** The deadline of one call to the sidecar in milliseconds, including its retry. 1 to 60000. Default: 2000. */
  timeoutMs?: number;
  /**
   * Whether this process holds answers that the sidecar lets it hold, and serves them again without asking while the
   * sidecar vouches for them. A session that ends is refused within a second. False: every request asks. Default: true.
   */
  hold?: boolean;
  /**
   * Lets requests that read pass by a signed cookie for some seconds, without a call to the sidecar. **The seconds are
   * the revocation delay: a session that has ended can still read for this long.** Held answers (`hold`) need a second and are
   * usually the better choice. Default: none.
   */
  stateless?: StatelessOption;
  cookie?: CookieOptions;
  /**
   * The application's URL as browsers see it, including its path: `https://example.com/app`. Device proofs are made
   * for it, and `loginUrl` is relative to it. It is never guessed from `Host`, which the client controls. Default:
   * none, so proofs are ignored.
   */
  publicUrl?: string | ((req: Req) => string);
  /**
   * The prefix that your reverse proxy adds to every path and that browsers do not see, such as `/internal`. If a
   * proxy removes a prefix, put it in `publicUrl` instead. Default: none.
   */
  addedPrefix?: string;
  /**
   * Other origins whose pages may send changes, exactly as in the `Origin` header: `https://admin.example.com`,
   * `chrome-extension://<id>` for an extension, `capacitor://localhost` for an app shell. Default: none.
   */
  trustedOrigins?: string[];
  /** Refuses unsafe requests from other origins. Pass a function to decide for each request. Default: true. */
  crossOriginProtection?: boolean | ((req: Req) => boolean);
  /** True for requests that the middleware ignores: no call, no session. Default: none. */
  skip?: (req: Req) => boolean;
  /** Validates only when you call `await req.byo.getSession()` or a guard runs. Default: false. */
  lazy?: boolean;
  /** Also accepts the token in `Authorization: Bearer`; successors are returned in `Session-Token`. Default: false. */
  bearer?: boolean;
  /**
   * Where guards redirect page loads without a session, with `returnTo`: a URL, or a path relative to `publicUrl`.
   * Default: none, guards answer 401.
   */
  loginUrl?: string;
  /**
   * What a session with a device needs, unless a guard says otherwise. `proof`: the device's key signs each request.
   * `recent`: a proof a few minutes ago is enough, for apps with server-rendered pages; needs `publicUrl`. `off`:
   * devices are ignored, which the integration key must allow (`device:ignore`). Default: `proof`.
   */
  device?: "proof" | "recent" | "off";
  /**
   * Your own page for page loads and forms without a recent proof. Default: a plain page that proves the device and
   * reloads the requested URL.
   */
  devicePage?: (page: DevicePage) => DevicePageAnswer;
  /**
   * What an employee who acts as a user may reach, unless a guard says otherwise. `read-only`: what reads (GET, HEAD,
   * OPTIONS), so that support sees what the user sees and changes nothing. Elsewhere the request has no session. Default:
   * `read-only`.
   */
  impersonation?: ImpersonationRule;
  /** The HTTP status of a device challenge. Default: 425. */
  challengeStatus?: 401 | 425;
  /** The name of the session on the request. Default: `session`. */
  sessionProperty?: string;
  /** Serves the ready-made routes (who am I, list, log out, devices). Default: false. */
  routes?: RoutesOptions | false;
  /**
   * Called after a login or a binding with a device that this user has not used before. If it fails, one line is
   * logged.
   */
  onNewDevice?: (event: NewDevice) => void | Promise<void>;
  /** Turns each session of your previous library into one of ours, once. Return null if there is none. */
  legacySession?: (req: Req) => LegacySession | null | Promise<LegacySession | null>;
  /**
   * The client's address, instead of the framework's; a port, a zone or brackets are removed. A value that is not one
   * address is dropped: then only a rule that needs an address refuses.
   */
  clientIp?: (req: Req) => string | undefined;
}

export interface RoutesOptions {
  /**
   * The path that the routes are below. If the middleware is mounted on a path, in a router or in a scope, the prefix
   * is below that. Default: `/session`.
   */
  prefix?: string;
  /**
   * Serves `POST <prefix>/backchannel-logout`: when the OpenID provider, or one of several, has logged a user out, it
   * sends a logout token there, and the sessions that began with `login({ oidc })` end. Default: no such route.
   */
  backchannelLogout?: LogoutProvider | LogoutProvider[];
}

/** One of the two, which mean the same. In seconds, 1 to 300. */
export type StatelessOption =
  | { revocationDelaySecs: number; maxAgeSecs?: never }
  /** The sidecar is asked when the signed cookie is older than this. */
  | { maxAgeSecs: number; revocationDelaySecs?: never };

export interface NewDevice {
  userId: string;
  sessionId: string;
  ip?: string;
  userAgent?: string;
  /** `device`: the login proved the device's key. */
  proof: "device" | "none";
}

export interface LegacySession {
  userId: string;
  /** The old session's id: it is recorded as used, so that it never creates a second session. */
  legacyId: string;
  /** When the user logged in there, in Unix seconds: the lifetime counts from it. Default: now. */
  authenticatedAt?: number;
  /** As in `login()`, counted from `authenticatedAt`. Default: the policy's. */
  lifetimeSecs?: number;
  tags?: SessionTag[];
  metadata?: SessionMetadata;
  /** As in `login()`, if it began at an OpenID provider. */
  oidc?: OidcClaims;
  /** False: the cookie ends with the browser's session. Default: true. */
  persistent?: boolean;
}
