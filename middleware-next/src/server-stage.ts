import type { AttachedRequest, CredentialChange, GateResponse } from "@byo-session/core";
import { HANDOVER_HEADER } from "./handover.ts";
import type { SessionParts } from "./parts.ts";
import { currentVisit, currentWork, isAfterwards, requestHeaders } from "./server-request.ts";
import type { Part, ServerVisit } from "./server-visit.ts";
import { attachedTo, type Visit } from "./visit.ts";
import type { KnownWord } from "./word.ts";

export interface Entered {
  readonly attached: AttachedRequest;
  /** Core's answer to a request that may not pass. */
  readonly answer: GateResponse | undefined;
  readonly part: Part;
  /** Has the proxy ask for the session when this address is asked for again, which this gives; undefined without a proxy. */
  readonly leaveToProxy: (() => string) | undefined;
}

/** Takes in the requests of an application's server, each once, however often its session is asked for. */
export interface ServerStage {
  /** The present one, wherever it is. */
  current(): Promise<Entered>;
  /** The present one, as a handler sees it that is given its request: in the Pages Router `request` is Node's own. */
  enter(visit: ServerVisit, request?: object): Promise<Entered>;
}

/** Where the proxy's response sets the cookie: here are what caches are told, and what may tell them otherwise. */
const NO_STORE: CredentialChange = { setCookies: [], dropWhenLate: false };

export function createServerStage(parts: () => SessionParts): ServerStage {
  const entered = new WeakMap<object, Promise<Entered>>();
  const words = new WeakMap<object, Promise<KnownWord | undefined>>();

  async function take(visit: ServerVisit): Promise<KnownWord | undefined> {
    const value = visit.headers.get(HANDOVER_HEADER);
    if (value === null) return undefined;
    // A page has the word on whatever it was asked by.
    const method = visit.part === "page" ? undefined : visit.method;
    const { handover, realm } = parts();
    return handover.take(value, { realm, method, target: visit.place, proof: visit.headers.get("dpop") });
  }

  async function handle(seen: ServerVisit, word: KnownWord | undefined): Promise<Entered> {
    const method = seen.method ?? word?.method ?? "UNKNOWN";
    const visit: Visit = { ...seen, method, isRender: seen.part === "page", word };
    const answer = await parts().gate.decide(visit);
    if (visit.word?.setsCookie) visit.sink.write(NO_STORE);
    const leaveToProxy = () => {
      word?.expect?.();
      return seen.routedTarget;
    };
    return {
      ...{ attached: attachedTo(visit), answer, part: seen.part },
      leaveToProxy: word?.expect && leaveToProxy,
    };
  }

  return {
    async current() {
      const work = currentWork();
      const known = work && entered.get(work);
      if (known && isAfterwards()) return known;
      // Asked at each call: a page that Next renders for several visits has to wait here until it knows of one.
      const list = await requestHeaders();
      const enter = async () => {
        const visit = await currentVisit(list);
        const entering = await handle(visit, await take(visit));
        // A handler that is not given its request cannot rotate the token by itself.
        if (visit.part === "route") entering.leaveToProxy?.();
        return entering;
      };
      const entering = (work && entered.get(work)) ?? enter();
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
