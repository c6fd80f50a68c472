import { ConfigurationError } from "../errors.ts";
import type { AttachedRequest } from "../gate/attached-request.ts";

/** How a framework's users write the names that an error mentions. */
export interface AdapterWords {
  /** Such as `app.use(byoSession())`. */
  readonly mount: string;
  /** The request object, such as `req`. */
  readonly request: string;
  /** The entry point for apps with another session library. */
  readonly sideBySide: string;
  /** The framework itself prevents name conflicts, by defining the names on the prototypes of its requests. */
  readonly claimsNames?: true;
}

/** Keeps what core knows about a request on the framework's own request object. */
export interface Attachment {
  /**
   * Makes `byo` and the session readable on a request. They are own properties, so objects that frameworks put between
   * a request and its prototype (another app under a router or a virtual host) change nothing, and a request that has
   * not passed the middleware has neither.
   *
   * @throws ConfigurationError `ERR_MOUNTED_TWICE`, `ERR_SESSION_PROPERTY_TAKEN`
   */
  attach(target: object, request: AttachedRequest, sessionProperty: string | undefined): void;
  /** Makes only the session readable on a second object of the request. */
  show(target: object, request: AttachedRequest, sessionProperty: string, isEnumerable: boolean): void;
  find(target: object): AttachedRequest | undefined;
  /** @throws ConfigurationError `ERR_NOT_MOUNTED` for a request that has not passed the middleware. */
  of(target: object): AttachedRequest;
  mountedTwice(): ConfigurationError;
  propertyTaken(property: string, cause?: unknown): ConfigurationError;
  /**
   * Explains an error of the app: if a library redefines our property instead of setting it, V8 throws a `TypeError`
   * that does not say what to do.
   */
  explain(error: unknown, sessionProperty: string | undefined): unknown;
}

const ATTACHED = Symbol("byo-session");

interface MaybeAttached {
  [ATTACHED]?: AttachedRequest;
}

export function createAttachment({ mount, request, sideBySide, claimsNames }: AdapterWords): Attachment {
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
      `byoSession() ran twice for one request: mount it once, as ${mount}, before the routes that need it`,
    );

  const propertyTaken = (property: string, cause?: unknown) =>
    new ConfigurationError(
      "ERR_SESSION_PROPERTY_TAKEN",
      `another session library also uses ${request}.${property}. To keep both, import byoSession from ` +
        `"${sideBySide}", which offers only ${request}.byo, or set \`sessionProperty\``,
      cause === undefined ? undefined : { cause },
    );

  // One pair of functions for all requests: separate pairs would give each object its own hidden class in V8. Not
  // configurable, so that no other library can take the name without an error.
  const described = {
    enumerable: new Map<string, PropertyDescriptor>(),
    hidden: new Map<string, PropertyDescriptor>(),
  };

  function descriptorOf(property: string, isEnumerable: boolean, read: (of: AttachedRequest) => unknown) {
    const among = isEnumerable ? described.enumerable : described.hidden;
    let descriptor = among.get(property);
    if (!descriptor) {
      descriptor = {
        configurable: false,
        enumerable: isEnumerable,
        get(this: MaybeAttached) {
          const attached = find(this);
          return attached && read(attached);
        },
        set() {
          throw propertyTaken(property);
        },
      };
      among.set(property, descriptor);
    }
    return descriptor;
  }

  function define(target: object, property: string, descriptor: PropertyDescriptor): void {
    if (claimsNames ? Object.hasOwn(target, property) : property in target) throw propertyTaken(property);
    Object.defineProperty(target, property, descriptor);
  }

  const readByo = ({ byo }: AttachedRequest) => byo;
  const readSession = ({ session }: AttachedRequest) => session;

  return {
    attach(target: MaybeAttached, attached, sessionProperty) {
      if (target[ATTACHED]) throw mountedTwice();
      // Neither is enumerable, so that copying or printing the request does not load a session.
      define(target, "byo", descriptorOf("byo", false, readByo));
      if (sessionProperty !== undefined) {
        define(target, sessionProperty, descriptorOf(sessionProperty, false, readSession));
      }
      target[ATTACHED] = attached;
    },
    show(target, attached, sessionProperty, isEnumerable) {
      define(target, sessionProperty, descriptorOf(sessionProperty, isEnumerable, readSession));
      Object.defineProperty(target, ATTACHED, { configurable: true, value: attached });
    },
    find,
    of,
    mountedTwice,
    propertyTaken,
    explain(error, sessionProperty) {
      if (!(error instanceof TypeError)) return error;
      const property = /^Cannot redefine property: (.*)$/.exec(error.message)?.[1];
      const isOurs = property !== undefined && (property === "byo" || property === sessionProperty);
      return isOurs ? propertyTaken(property, error) : error;
    },
  };
}
