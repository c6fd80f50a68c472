import { type AttachedRequest, ConfigurationError } from "@byo-session/core";
import type { Request } from "express";

const ATTACHED = Symbol("byo-session");

interface MaybeAttached {
  [ATTACHED]?: AttachedRequest;
}

export function attachTo(req: Request & MaybeAttached, attached: AttachedRequest): void {
  if (req[ATTACHED]) {
    throw new ConfigurationError(
      "ERR_MOUNTED_TWICE",
      "byoSession() ran twice for one request: mount it once, before the routes that need it",
    );
  }
  req[ATTACHED] = attached;
}

/** @throws ConfigurationError `ERR_NOT_MOUNTED` for a request that has not passed the middleware. */
export function attachedTo(req: Request & MaybeAttached): AttachedRequest {
  const attached = req[ATTACHED];
  if (attached) return attached;
  throw new ConfigurationError(
    "ERR_NOT_MOUNTED",
    "this request has not passed byoSession(): call app.use(byoSession()) before the routes that need it",
  );
}

/**
 * Makes `byo` and the session readable on every request of an app, through the prototype that Express gives them: a
 * request then costs no definitions of its own.
 */
export function decorate(requestPrototype: object, sessionProperty: string | undefined): void {
  Object.defineProperty(requestPrototype, "byo", {
    configurable: true,
    get(this: Request) {
      return attachedTo(this).byo;
    },
  });
  if (sessionProperty === undefined) return;
  Object.defineProperty(requestPrototype, sessionProperty, {
    configurable: true,
    get(this: MaybeAttached) {
      return this[ATTACHED]?.session;
    },
    set(this: Request & MaybeAttached, value: unknown) {
      if (this[ATTACHED]) throw propertyTaken(sessionProperty);
      // A part of the app that this middleware does not serve may keep its own session library.
      Object.defineProperty(this, sessionProperty, { value, writable: true, configurable: true, enumerable: true });
    },
  });
}

export function propertyTaken(sessionProperty: string): ConfigurationError {
  return new ConfigurationError(
    "ERR_SESSION_PROPERTY_TAKEN",
    `req.${sessionProperty} belongs to another session library too. To keep both, import byoSession from ` +
      '"@byo-session/express/side-by-side", which offers only req.byo, or set `sessionProperty`',
  );
}
