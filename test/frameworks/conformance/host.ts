import type { ByoSessionOptions } from "@byo-session/core";

/**
 * A framework under test: a small app, always the same, served over real HTTP by `start`. Between calls nothing is
 * shared, so that several can run at once.
 *
 * The app, behind `byoSession()`. `session` is the framework's own property of the request, `byo` the actions; bodies
 * are JSON unless said otherwise, and what throws is left to the framework.
 *
 * | request | answer |
 * | --- | --- |
 * | any method `/open` | `{ session }` |
 * | any method `/me` | the same behind `requireSession()` |
 * | `GET /tagged` | `in`, behind `requireSession({ tags: ["plan:pro", "role:admin"] })` |
 * | `GET /recent` | `in`, behind `requireSession({ maxAuthAgeSecs: 300 })` |
 * | `GET /poll` | `in`, behind `requireSession({ activity: false })` |
 * | `GET /page` | `{ session }`, behind `requireSession({ device: "recent" })` |
 * | any method `/support`, `/private` | `{ session }`, behind `requireSession({ impersonation: "allow" })`, `"refuse"` |
 * | `GET /bound` | `in`, behind `requireSession({ device: "proof" })` |
 * | `POST /login` | `await byo.login(body)` |
 * | `GET` and `POST /act/:name` | `{ value }`, of `act(name, …)` in app.ts; without a body `{}` is passed |
 * | `GET /assets/app.js` | `{ session }`; the path is left out by `skip` |
 * | `POST /idp` | `{ session }`; the path is left out of `crossOriginProtection` |
 * | `GET /counted` | `{ handled }`: how many times this route ran, this time included |
 * | `GET /noticed` | what `onNewDevice` was told since the last time it was asked, as `{ events }` |
 * | `GET /cors/open` | `{ session }` with `corsHeaders()` |
 * | `GET /cached` | `public page`, with the headers PUBLIC_PAGE_HEADERS of app.ts |
 * | `GET /untouched` | `no session needed`, without a look at the session |
 * | `GET /too-early` | the session property's value; where reading it throws, the error's `{ code }` |
 * | `GET /after-the-headers` | sends the headers first, then `{ session: await byo.getSession() }` |
 * | `POST /login-late` | sends the headers and `head is out ` first, then the code that `login()` throws |
 * | `POST /login-not-awaited` | `done`, with a login under way that nobody waits for; user `impatient` |
 * | `GET /impatience` | `{ code }`: what the login that nobody waited for has thrown, once it has |
 * | `GET /end/json`, `/end/text` | `{}`, `text` |
 * | `GET /end/empty`, `/end/not-modified` | 204, 304 |
 * | `GET /end/redirect` | 302 to `/elsewhere` |
 * | `GET /end/stream` | a body of several chunks |
 * | `GET /end/own-cookie`, `/end/own-cookies` | sets `own=1`; `own=1` and `second=2` |
 * | `GET /end/throws`, `/end/rejects` | throws at once; after a turn of the event loop: the framework's own 500 |
 * | `GET /end/<name>` | one more for each name in `endings` |
 * | anything else | 404 `{ session }`, from the app's own handler for what is not found |
 *
 * An error of a request with the header `x-own-errors` is answered by the app's own error handler: 418
 * `{ code, userId }`, with the session's user or null.
 *
 * A request with `Upgrade` is answered by `authenticateUpgrade()`: with its `response`; or with 101, then a line of JSON
 * `{ session, expiresAt }`, and a line with the result of `revalidate()` for each chunk that the client sends.
 *
 * Options of every start, beside those that are passed: `skip` and `crossOriginProtection` as above, `legacySession` and
 * `onNewDevice` as in app.ts, and a trusted proxy on loopback, so that the last address of `X-Forwarded-For` counts.
 */
export interface ConformanceHost {
  readonly name: string;
  start(wanted: HostStart): Promise<RunningHost>;
  /** The framework's further ways to end a response, and the cookies of the app's own that each sets, as `name=value`. */
  readonly endings: Readonly<Record<string, readonly string[]>>;
  /** The path that the app lies below, with which its url ends. Default: none. */
  readonly below?: string;
  /** The framework sends every page to the address that ends with a slash: that is how they are asked for. */
  readonly endsPathsWithSlash?: true;
  /** The cases that the framework cannot meet, by name, and why. They are run too, and must fail. */
  readonly cannot?: Readonly<Record<string, string>>;
}

export interface HostStart {
  readonly sidecarUrl: string;
  readonly integrationKey: string;
  readonly options: HostOptions;
}

/** Plain JSON, so that it can be handed to another process. */
export type HostOptions = Pick<
  ByoSessionOptions<never>,
  | "bearer"
  | "challengeStatus"
  | "cookie"
  | "device"
  | "impersonation"
  | "lazy"
  | "loginUrl"
  | "routes"
  | "stateless"
  | "timeoutMs"
  | "trustedOrigins"
> & { publicUrl?: string };

export interface RunningHost {
  /** Such as `http://127.0.0.1:40001`, on a port of its own; it ends with the path that the app lies below. */
  readonly url: string;
  stop(): Promise<void>;
}
