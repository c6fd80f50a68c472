import type { AttachedRequest, CredentialChange, Gate, GateResponse } from "@byo-session/core";
import { HANDOVER_HEADER, type Handover } from "./handover.ts";
import { currentVisit, currentWork, isAfterwards, type Part, requestHeaders } from "./server-request.ts";
import { attachedTo, type Visit } from "./visit.ts";
import type { KnownWord } from "./word.ts";

/** A request on the server, as Next describes it. */
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
  const entered = new WeakMap<object, Promise<Entered>>();
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
      const work = currentWork();
      const known = work && entered.get(work);
      if (known && isAfterwards()) return known;
      // Asked at each call: a page that Next renders for several visits has to wait here until it knows of one.
      const list = await requestHeaders();
      const entering =
        (work && entered.get(work)) ?? currentVisit(list).then(async (visit) => handle(visit, await take(visit)));
      if (work) entered.set(work, entering);
      return entering;
    },
    async enter(visit, request) {
      const work = request ?? currentWork();
      if (!request && work) await requestHeaders();
      // A word is given once, and a handler inside of another enters once more.
      const taking = (work && words.get(work)) ?? take(visit);
      const entering = taking.then((word) => handle(visit, word));
      if (work) {
        words.set(work, taking);
        entered.set(work, entering);
      }
      return entering;
    },
  };
}
