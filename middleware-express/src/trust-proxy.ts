import type { IncomingMessage } from "node:http";
import { ConfigurationError } from "@byo-session/core";
import { believesForgedAddress } from "@byo-session/core/node";
import type { Application, Request, RequestHandler } from "express";

/** In the app's trusted view. */
export function ipOf({ ip }: Request): string | undefined {
  return ip;
}

/** A request for what Express has not routed itself. */
export function requestOf(app: Application, raw: IncomingMessage): Request {
  const { request: prototype } = app as Application & { request: object };
  // As Express does with the requests that it routes.
  return Object.setPrototypeOf(raw, prototype);
}

/** @throws ConfigurationError `ERR_TRUST_PROXY` where any client could choose its address. */
export function checkTrustProxy(app: Application): void {
  if (!believesForgedAddress((raw) => ipOf(requestOf(app, raw)))) return;
  throw new ConfigurationError(
    "ERR_TRUST_PROXY",
    '"trust proxy" as it is set trusts everybody: it believes the left-most address of X-Forwarded-For, which anyone ' +
      'can forge. Set it to the number or the addresses of your proxies, as in app.set("trust proxy", 1), or pass `clientIp`',
  );
}

/**
 * Has `app.use()` call back with the app: Express tells what looks like an app of its own where it is mounted. Otherwise a
 * middleware sees its app with the first request only, which is too late to stop a start.
 */
export function whenMounted(handler: RequestHandler, callback: (app: Application) => void): RequestHandler {
  const looksLikeApp = { handle: handler, set: true, emit: (_mount: "mount", app: Application) => callback(app) };
  return Object.assign(handler, looksLikeApp);
}

/** Checks now, and whenever the app, or one that it is mounted in, is given another setting. */
export function keepTrustProxyChecked(app: Application): void {
  checkTrustProxy(app);
  checkWhenSet(app, app);
  app.on("mount", (parent: Application) => {
    checkTrustProxy(app);
    checkWhenSet(parent, app);
  });
}

/** An app without a setting of its own has that of the one that it is mounted in. */
function checkWhenSet(setOn: Application, app: Application): void {
  const { set } = setOn;
  setOn.set = (...args: Parameters<Application["set"]>) => {
    // With the name alone it reads the setting.
    const answer = set.apply(setOn, args);
    if (args.length > 1 && args[0] === "trust proxy") checkTrustProxy(app);
    return answer;
  };
}
