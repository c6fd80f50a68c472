import type { AttachedRequest, Gate, GateResponse } from "@byo-session/core";
import { HANDOVER_HEADER, type Handover } from "./handover.ts";
import { currentVisit, isInsideNext, type Part, requestHeaders } from "./server-request.ts";
import { attachedTo, type Visit } from "./visit.ts";
import type { KnownWord } from "./word.ts";

/** A request on the server, as Next tells of it. */
export interface ServerVisit extends Omit<Visit, "method" | "isRender"> {
  readonly part: Part;
  /** Undefined where Next does not tell it. */
  readonly method: string | undefined;
  /** False: `target` says nothing. */
  readonly knowsTarget: boolean;
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
  /** The present one, as a route handler that has Next's request sees it. */
  enter(visit: ServerVisit): Promise<Entered>;
}

export function createServerStage(parts: () => { gate: Gate<Visit>; handover: Handover }): ServerStage {
  // By the object that `headers()` gives: one in the whole request, be that a page, an action and the page after it, or
  // a route. React's cache() would hold in a render only.
  const entered = new WeakMap<Headers, Promise<Entered>>();
  const words = new WeakMap<Headers, Promise<KnownWord | undefined>>();

  async function take(visit: ServerVisit): Promise<KnownWord | undefined> {
    const value = visit.headers.get(HANDOVER_HEADER);
    if (value === null) return undefined;
    const target = visit.knowsTarget ? visit.routedTarget : undefined;
    // A page has the word on whatever it was asked by.
    const method = visit.part === "page" ? undefined : visit.method;
    return parts().handover.take(value, { method, target, proof: visit.headers.get("dpop") });
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
    async enter(visit) {
      if (!isInsideNext()) return handle(visit, await take(visit));
      const key = await requestHeaders();
      // A word is given once, and a handler inside of another enters once more.
      const taking = words.get(key) ?? take(visit);
      words.set(key, taking);
      const entering = taking.then((word) => handle(visit, word));
      entered.set(key, entering);
      return entering;
    },
  };
}
