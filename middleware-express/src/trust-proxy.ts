import type { IncomingMessage } from "node:http";
import { ConfigurationError } from "@byo-session/core";
import { believesForgedAddress } from "@byo-session/core/node";
import type { Application, Request, RequestHandler } from "express";

/** The client's address as the app trusts it. */
export function ipOf({ ip }: Request): string | undefined {
  return ip;
}

/** An Express request for a Node request that Express has not routed. */
export function requestOf(app: Application, raw: IncomingMessage): Request {
  const { request: prototype } = app as Application & { request: object };
  // Like Express does for the requests that it routes.
  return Object.setPrototypeOf(raw, prototype);
}

/** @throws ConfigurationError `ERR_TRUST_PROXY` if any client could choose its address. */
export function checkTrustProxy(app: Application): void {
  if (!believesForgedAddress((raw) => ipOf(requestOf(app, raw)))) return;
  throw new ConfigurationError(
    "ERR_TRUST_PROXY",
    '"trust proxy" trusts everybody: it accepts the left-most address of X-Forwarded-For, which anyone ' +
      'can forge. Set it to the number or the addresses of your proxies, as in app.set("trust proxy", 1), or pass `clientIp`',
  );
}

/**
 * Makes `app.use()` call back with the app: Express tells anything that looks like an app where it is mounted.
 * Otherwise a middleware sees its app only with the first request, which is too late to stop the start.
 */
export function whenMounted(handler: RequestHandler, callback: (app: Application) => void): RequestHandler {
  const looksLikeApp = { handle: handler, set: true, emit: (_mount: "mount", app: Application) => callback(app) };
  return Object.assign(handler, looksLikeApp);
}

/** Checks now, and whenever the setting changes in the app or in an app that it is mounted in. */
export function keepTrustProxyChecked(app: Application): void {
  checkTrustProxy(app);
  checkWhenSet(app, app);
  app.on("mount", (parent: Application) => {
    checkTrustProxy(app);
    checkWhenSet(parent, app);
  });
}

/** An app without its own setting inherits it from the app that it is mounted in. */
function checkWhenSet(setOn: Application, app: Application): void {
  const set: (this: Application, name: string, value?: unknown) => Application = setOn.set;
  setOn.set = (name: string, ...value: [unknown?]) => {
    // Express reads several settings per request this way.
    if (value.length === 0) return set.call(setOn, name);
    const answer = set.call(setOn, name, value[0]);
    if (name === "trust proxy") checkTrustProxy(app);
    return answer;
  };
}
