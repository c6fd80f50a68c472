import type { AttachedRequest, CredentialChange, Gate, GateResponse } from "@byo-session/core";
import { HANDOVER_HEADER, type Handover } from "./handover.ts";
import { currentVisit, isInsideNext, type Part, requestHeaders } from "./server-request.ts";
import { attachedTo, type Visit } from "./visit.ts";
import type { KnownWord } from "./word.ts";

/** A request on the server, as Next tells of it. */
export interface ServerVisit extends Omit<Visit, "method" | "isRender"> {
  readonly part: Part;
  /** Undefined where Next does not tell it. */
  readonly method: string | undefined;
  /** What the proxy knows it by, as `placeOf()` writes it. Undefined where Next tells no address. */
  readonly place: string | undefined;
}

export interface Entered {
  readonly attached: AttachedRequest;
  /** Core's answer to a request that may not pass. */
  readonly answer: GateResponse | undefined;
  readonly part: Part;
  /** The proxy's response sets or clears the cookie. */
  readonly proxySetsCookie: boolean;
}

/** Takes in the requests of an application's server, each once, however often its session is asked for. */
export interface ServerStage {
  /** The present one, wherever it is. */
  current(): Promise<Entered>;
  /** The present one, as a handler sees it that is given its request: in the Pages Router `request` is Node's own. */
  enter(visit: ServerVisit, request?: object): Promise<Entered>;
}

/** For the response of a handler whose cookie the proxy sets: here are what caches are told, and what may tell them otherwise. */
export const NO_STORE: CredentialChange = { setCookies: [], dropWhenLate: false };

export function createServerStage(parts: () => { gate: Gate<Visit>; handover: Handover }): ServerStage {
  // By the object that `headers()` gives: one in the whole request, be that a page, an action and the page after it, or
  // a route. React's cache() would hold in a render only. In the Pages Router by Node's request.
  const entered = new WeakMap<Headers, Promise<Entered>>();
  const words = new WeakMap<object, Promise<KnownWord | undefined>>();

  async function take(visit: ServerVisit): Promise<KnownWord | undefined> {
    const value = visit.headers.get(HANDOVER_HEADER);
    if (value === null) return undefined;
    // A page has the word on whatever it was asked by.
    const method = visit.part === "page" ? undefined : visit.method;
    return parts().handover.take(value, { method, target: visit.place, proof: visit.headers.get("dpop") });
  }

  async function handle(seen: ServerVisit, word: KnownWord | undefined): Promise<Entered> {
    const method = seen.method ?? word?.method ?? "UNKNOWN";
    const visit: Visit = { ...seen, method, isRender: seen.part === "page", word };
    await parts().gate.handle(visit);
    const { answer, word: told } = visit;
    return { attached: attachedTo(visit), answer, part: seen.part, proxySetsCookie: told?.setsCookie ?? false };
  }

  return {
    async current() {
      const key = await requestHeaders();
      let entering = entered.get(key);
      if (!entering) {
        entering = currentVisit().then(async (visit) => handle(visit, await take(visit)));
        entered.set(key, entering);
      }
      return entering;
    },
    async enter(visit, request) {
      const list = !request && isInsideNext() ? await requestHeaders() : undefined;
      const key = request ?? list ?? visit;
      // A word is given once, and a handler inside of another enters once more.
      const taking = words.get(key) ?? take(visit);
      words.set(key, taking);
      const entering = taking.then((word) => handle(visit, word));
      if (list) entered.set(list, entering);
      return entering;
    },
  };
}
