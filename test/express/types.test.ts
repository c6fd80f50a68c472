import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** Each is a program of its own: the types of express-session claim `req.session` in all of the program they are in. */
test.each(["main", "side-by-side"])("the types of the entry: %s", { timeout: 60_000 }, async (entry) => {
  const project = fileURLToPath(new URL(`types/${entry}.tsconfig.json`, import.meta.url));
  const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
  const told = await run(process.execPath, [tsc, "-p", project]).then(
    () => "",
    (error: { stdout: string }) => error.stdout,
  );
  expect(told).toBe("");
});
