import { SessionActionError, type SessionActions } from "@byo-session/core";

/** The same actions, whose failures are thrown as what `raise` makes of the answer to them. */
export function raisingActions(byo: SessionActions, raise: (answer: Response) => unknown): SessionActions {
  return new Proxy(byo, {
    get(actions, name) {
      const value: unknown = Reflect.get(actions, name);
      if (typeof value !== "function") return value;
      return async (...given: unknown[]) => {
        try {
          return await Reflect.apply(value, actions, given);
        } catch (error) {
          throw error instanceof SessionActionError ? await raise(error.getResponse()) : error;
        }
      };
    },
  });
}
