/** What was found out after a response, for a test to ask for. */
const home: { seen?: unknown[]; readonly performance?: unknown } = globalThis;
// One for pages and handlers: Next loads the modules of the two apart.
home.seen ??= [];
export const { seen } = home;

export function codeOf(error: unknown): unknown {
  return [Object(error).code, Object(error).message];
}
