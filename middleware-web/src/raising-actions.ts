import { SessionActionError, type SessionActions } from "@byo-session/core";

/** The same actions, but a failure is thrown as whatever `raise` makes from its response. */
export function raisingActions(byo: SessionActions, raise: (answer: Response) => unknown): SessionActions {
  async function fail(error: unknown): Promise<never> {
    throw error instanceof SessionActionError ? await raise(error.getResponse()) : error;
  }
  return new Proxy(byo, {
    get(actions, name) {
      const value: unknown = Reflect.get(actions, name);
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        // `raise` may wait for the answer's body, and so cannot answer for what throws at once.
        const done: unknown = Reflect.apply(value, actions, given);
        return done instanceof Promise ? done.catch(fail) : done;
      };
    },
  });
}
