import { expect, test } from "vitest";
import { typeErrorsOf } from "../../harness/type-errors.ts";

/** Each is a separate program, because the types of another session library claim the session in the whole program. */
test.each(["main", "side-by-side"])("the types of the entry: %s", { timeout: 60_000 }, async (entry) => {
  expect(await typeErrorsOf(new URL(`types/${entry}.tsconfig.json`, import.meta.url))).toBe("");
});
