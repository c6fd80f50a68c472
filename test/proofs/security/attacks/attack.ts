/** A test that shows the result of an attack. */
export interface ShownBy {
  /** As it is written in the source; with that of its group and ` > ` before it, where it says too little alone. */
  readonly name: string;
  /** Where it is written: what the table links to. */
  readonly source: string;
  /** Where it ran: a file, or the folder of the files that run it once for each host. */
  readonly ranIn: string;
}

/** A row of the table in docs/security.md. */
export interface Attack {
  readonly attack: string;
  /** What the attacker has at the start. */
  readonly has: string;
  readonly gets: string;
  readonly shownBy: readonly ShownBy[];
}

export function row(attack: string, has: string, gets: string, shownBy: readonly ShownBy[]): Attack {
  return { attack, has, gets, shownBy };
}

export function test(file: string, name: string): ShownBy {
  return { name, source: `test/${file}`, ranIn: `test/${file}` };
}

export function impersonation(name: string): ShownBy {
  return test("behaviour/sidecar/impersonation/impersonation.test.ts", name);
}

/** A case of the conformance, on every host that can meet it. */
export function conformance(cases: string, name: string): ShownBy {
  return { name, source: `test/frameworks/conformance/cases/${cases}.ts`, ranIn: "test/frameworks/conformance/" };
}

/** The property test over everything that a client sends, from one state, on every host. */
export function inputs(state: string): ShownBy {
  return {
    name: `${state}: no input makes it pass`,
    source: "test/frameworks/client-inputs/states.ts",
    ranIn: "test/frameworks/client-inputs/",
  };
}

/** By a library that replaces the method of a request behind the middleware. */
export const methodOverride: ShownBy = test(
  "frameworks/method-override.test.ts",
  "a method override behind the middleware, in %s > makes no change of a request that was checked as one that reads",
);
