import { SessionActionError, type SessionActions } from "@byo-session/core";

/** The same actions, but a failure is thrown as whatever `raise` makes from its response. */
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
