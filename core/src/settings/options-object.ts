import { ConfigurationError } from "../errors.ts";

/**
 * Stops at `app.use(byoSession)`, without its parentheses: the framework then calls it with a request.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS` unless the value is an object literal, of any realm.
 */
export function expectOptionsObject(value: unknown, functionName: string): void {
  const prototype: unknown = typeof value === "object" && value !== null ? Object.getPrototypeOf(value) : undefined;
  if (prototype === null || (typeof prototype === "object" && Object.getPrototypeOf(prototype) === null)) return;
  throw new ConfigurationError(
    "ERR_BYO_OPTIONS",
    `${functionName}(): expected an object with options, got something else; did you pass ${functionName} without its ` +
      `parentheses? Pass ${functionName}()`,
  );
}
