import type { AttachedRequest } from "../adapter.ts";
import { ConfigurationError } from "../errors.ts";
import type { Session } from "../session.ts";

/** How a framework's users write what an error has to name. */
export interface AdapterWords {
  /** Such as `app.use(byoSession())`. */
  readonly mount: string;
  /** The request object, such as `req`. */
  readonly request: string;
  /** The entry for apps with another session library. */
  readonly sideBySide: string;
}

/** Keeps what core knows of a request on the framework's own object, where only this package finds it. */
export interface Attachment {
  /** @throws ConfigurationError `ERR_MOUNTED_TWICE` */
  attach(target: object, request: AttachedRequest): void;
  find(target: object): AttachedRequest | undefined;
  /** @throws ConfigurationError `ERR_NOT_MOUNTED` for a request that has not passed the middleware. */
  of(target: object): AttachedRequest;
  /**
   * Makes `byo` and the session readable on every request of an app, through the prototype that the framework gives
   * them: a request then costs no definitions of its own.
   */
  decorate(prototype: object, sessionProperty: string | undefined): void;
  /** Makes the session readable on an object that belongs to one request alone. */
  decorateOne(target: object, sessionProperty: string, request: AttachedRequest, isEnumerable: boolean): void;
  mountedTwice(): ConfigurationError;
  propertyTaken(sessionProperty: string): ConfigurationError;
}

const ATTACHED = Symbol("byo-session");

interface MaybeAttached {
  [ATTACHED]?: AttachedRequest;
}

/** One getter for all requests: each getter of its own would give its object a hidden class of its own in V8. */
function readSession(this: MaybeAttached): Session | null | undefined {
  return this[ATTACHED]?.session;
}

export function createAttachment({ mount, request, sideBySide }: AdapterWords): Attachment {
  const find = (target: MaybeAttached) => target[ATTACHED];

  function of(target: object): AttachedRequest {
    const attached = find(target);
    if (attached) return attached;
    throw new ConfigurationError(
      "ERR_NOT_MOUNTED",
      `this request has not passed byoSession(): call ${mount} before the routes that need it`,
    );
  }

  const mountedTwice = () =>
    new ConfigurationError(
      "ERR_MOUNTED_TWICE",
      `byoSession() is there twice for one request: mount it once, as ${mount}, before the routes that need it`,
    );

  const propertyTaken = (sessionProperty: string) =>
    new ConfigurationError(
      "ERR_SESSION_PROPERTY_TAKEN",
      `${request}.${sessionProperty} belongs to another session library too. To keep both, import byoSession from ` +
        `"${sideBySide}", which offers only ${request}.byo, or set \`sessionProperty\``,
    );

  return {
    attach(target: MaybeAttached, attached) {
      if (target[ATTACHED]) throw mountedTwice();
      target[ATTACHED] = attached;
    },
    find,
    of,
    decorate(prototype, sessionProperty) {
      Object.defineProperty(prototype, "byo", {
        configurable: true,
        get(this: object) {
          return of(this).byo;
        },
      });
      if (sessionProperty === undefined) return;
      Object.defineProperty(prototype, sessionProperty, {
        configurable: true,
        get(this: object) {
          return find(this)?.session;
        },
        set(this: object, value: unknown) {
          if (find(this)) throw propertyTaken(sessionProperty);
          // A part of the app that this middleware does not serve may keep its own session library.
          Object.defineProperty(this, sessionProperty, { value, writable: true, configurable: true, enumerable: true });
        },
      });
    },
    decorateOne(target, sessionProperty, attached, isEnumerable) {
      // Not enumerable: what copies or prints the object shall not meet it.
      Object.defineProperty(target, ATTACHED, { configurable: true, value: attached });
      Object.defineProperty(target, sessionProperty, {
        configurable: true,
        enumerable: isEnumerable,
        get: readSession,
      });
    },
    mountedTwice,
    propertyTaken,
  };
}
