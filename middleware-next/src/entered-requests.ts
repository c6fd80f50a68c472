import { isInsideNext, requestHeaders } from "./server-request.ts";
import type { Entered, ServerStage, ServerVisit } from "./server-stage.ts";

/** The requests that are being handled, each taken in once, however often its session is asked for. */
export interface EnteredRequests {
  /** The present one; `describe` makes its visit where it has not been taken in. */
  current<V extends ServerVisit>(describe: () => Promise<V>): Promise<Entered>;
  /** Takes the present one in, as a route handler that has Next's request sees it. */
  enter(visit: ServerVisit): Promise<Entered>;
}

export function createEnteredRequests(stage: ServerStage): EnteredRequests {
  // By the object that `headers()` gives: one in the whole request, be that a page, an action and the page after it, or
  // a route. React's cache() would hold in a render only.
  const entered = new WeakMap<Headers, Promise<Entered>>();
  return {
    async current(describe) {
      const key = await requestHeaders();
      let entering = entered.get(key);
      if (!entering) {
        entering = describe().then((visit) => stage.enter(visit));
        entered.set(key, entering);
      }
      return entering;
    },
    async enter(visit) {
      if (!isInsideNext()) return stage.enter(visit);
      const key = await requestHeaders();
      const entering = stage.enter(visit);
      entered.set(key, entering);
      return entering;
    },
  };
}
