import type { CookieOptions } from "../cookies/cookie-options.ts";
import type { DevicePage, DevicePageAnswer } from "../device-page/page.ts";
import type { SessionMetadata, SessionTag } from "../session.ts";
import type { SessionClient } from "../sidecar/session-client.ts";

/** The options of `byoSession()`, the same for every framework; `Req` is the framework's request. */
export interface ByoSessionOptions<Req> {
  /** Where the sidecar listens. Default: the environment's `BYO_URL`. */
  url?: string;
  /** A key of the sidecar, `api_…`. Default: the environment's `BYO_INTEGRATION_KEY`. */
  integrationKey?: string;
  /** A client of your own instead of `url` and `integrationKey`: this package's `createClient()` or the public one. */
  client?: SessionClient;
  /** The deadline of one call to the sidecar, its repetition included. Default: 2000. */
  timeoutMs?: number;
  cookie?: CookieOptions;
  /**
   * The address of the application as browsers see it, with its path where it has one: `https://example.com/app`. Device
   * proofs are made for it, and `loginUrl` is relative to it. Never guessed from `Host`, which the client chooses.
   * Default: none, so no proof is read.
   */
  publicUrl?: string | ((req: Req) => string);
  /**
   * The path that your reverse proxy puts in front of every path, such as `/internal`, and that no browser sees. A prefix
   * that a proxy takes away stands in `publicUrl` instead. Default: none.
   */
  addedPrefix?: string;
  /**
   * Other origins whose pages may send changes, exactly as they come in the header `Origin`: `https://admin.example.com`,
   * of an extension `chrome-extension://<id>`, of an app's shell `capacitor://localhost`. Default: none.
   */
  trustedOrigins?: string[];
  /** Refuses unsafe requests from other origins. A function says for which requests. Default: true. */
  crossOriginProtection?: boolean | ((req: Req) => boolean);
  /** True for requests that the middleware leaves alone: no call, no session. */
  skip?: (req: Req) => boolean;
  /** Validates only when `await req.byo.getSession()` or a guard asks. Default: false. */
  lazy?: boolean;
  /** Also takes the token from `Authorization: Bearer`; successors travel in `Session-Token`. Default: false. */
  bearer?: boolean;
  /**
   * Where guards send page loads without a session, with `returnTo`: an address, or a path relative to `publicUrl`.
   * Default: none, they answer 401.
   */
  loginUrl?: string;
  /**
   * What a session with a device needs, where a guard does not say otherwise. `proof`: each request is signed by its key.
   * `recent`: a proof a short while ago will do, for apps whose server renders pages; it needs `publicUrl`. `off`: devices
   * are ignored, which an integration key must be allowed to do (`device:ignore`). Default: `proof`.
   */
  device?: "proof" | "recent" | "off";
  /**
   * Your own page for a load without a recent proof, and for a form that was sent without one. Default: a plain page that
   * proves the device and loads the wanted address again.
   */
  devicePage?: (page: DevicePage) => DevicePageAnswer;
  /** The status of a device challenge. Default: 425. */
  challengeStatus?: 401 | 425;
  /** The name of the session on the request. Default: `session`. */
  sessionProperty?: string;
  /**
   * Serves who-am-I, listing and log-out below a path such as `/session`. Where the middleware is mounted on a path, in a
   * router or in a scope, the prefix is below that. Default: false.
   */
  routes?: { prefix: string } | false;
  /** Runs after a login from a device that this user has not used before. */
  onNewDevice?: (event: NewDevice) => void | Promise<void>;
  /** Turns a session of the library used before into one of ours, once each. Null: there is none. */
  legacySession?: (req: Req) => LegacySession | null | Promise<LegacySession | null>;
  /**
   * The client's address, instead of the framework's trusted view; a port, a zone or brackets do no harm. What names no
   * single address is left out: then only a rule that needs one refuses.
   */
  clientIp?: (req: Req) => string | undefined;
}

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
  /** The old session's own id: recorded as used, so that it never makes a second session. */
  legacyId: string;
  /** When the user logged in there, in Unix seconds: the lifetime counts from it. Default: now. */
  authenticatedAt?: number;
  tags?: SessionTag[];
  metadata?: SessionMetadata;
  /** False: the cookie ends with the browser's session. Default: true. */
  persistent?: boolean;
}
