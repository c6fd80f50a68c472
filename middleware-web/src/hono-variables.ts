import type { AttachedRequest } from "@byo-session/core";
import type { Context } from "hono";
import { nameTaken } from "./visit.ts";

/**
 * Makes the session and `byo` variables of the context. Hono stores values, but the session may change after a login,
 * or may not be loaded yet, so both are looked up each time.
 *
 * @throws ConfigurationError `ERR_SESSION_PROPERTY_TAKEN`, even if a library takes a name later.
 */
export function offerVariables(c: Context, attached: AttachedRequest, sessionProperty: string): void {
  const { get, set } = c;
  const ours = new Map<unknown, () => unknown>([
    [sessionProperty, () => attached.session],
    ["byo", () => attached.byo],
  ]);
  for (const name of ours.keys()) if (Reflect.apply(get, c, [name]) !== undefined) throw taken(name);
  Object.defineProperties(c, {
    get: { value: (key: unknown) => (ours.get(key) ?? (() => Reflect.apply(get, c, [key])))() },
    set: {
      value(key: unknown, value: unknown) {
        if (ours.has(key)) throw taken(key);
        Reflect.apply(set, c, [key, value]);
      },
    },
    var: { get: () => variablesOf(c, ours) },
  });
}

/** Like Hono's own, a new object at each access; ours are read only when accessed. */
function variablesOf(c: Context, ours: ReadonlyMap<unknown, () => unknown>): object {
  const variables = Reflect.get(Object.getPrototypeOf(c), "var", c);
  for (const [name, read] of ours) Object.defineProperty(variables, String(name), { get: read });
  return variables;
}

const taken = (name: unknown) => nameTaken(`the variable "${String(name)}" of Hono's context`);
