/**
 * Binds each method of a class to its object when it is first read. Functions that are bound with the object cost more
 * than all else that a request creates, and most requests call none of them.
 */
export function bindWhenRead(prototype: object): void {
  for (const [name, { value: method }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (name === "constructor" || typeof method !== "function") continue;
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: object) {
        return own(this, name, method.bind(this));
      },
      set(this: object, value: unknown) {
        own(this, name, value);
      },
    });
  }
}

/** From now on the object has the property itself. */
function own(target: object, name: string, value: unknown): unknown {
  Object.defineProperty(target, name, { configurable: true, enumerable: true, writable: true, value });
  return value;
}
