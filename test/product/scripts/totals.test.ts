import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");
const REPORTER = join(ROOT, "test/harness/totals-reporter.ts");

/** Runs test files of their own and gives what the reporter counted. */
async function totalsOf(files: Record<string, string>): Promise<unknown> {
  // Inside of the repository, so that the files find vitest.
  const folder = await mkdtemp(join(ROOT, "test/output-"));
  const totals = join(folder, "totals.json");
  try {
    for (const [name, code] of Object.entries(files)) {
      await writeFile(join(folder, name), `import { expect, it } from "vitest";\n${code}`);
    }
    const args = [VITEST, "run", "--root", folder, "--config", "none.ts", `--reporter=${REPORTER}`];
    await writeFile(join(folder, "none.ts"), "export default {};");
    await promisify(execFile)(process.execPath, args, { env: { ...process.env, BYO_TEST_TOTALS: totals } }).catch(
      () => {},
    );
    return JSON.parse(await readFile(totals, "utf8"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

it("counts every test that passed and failed", async () => {
  const code = `it("a", () => {}); it.for([1, 2])("%d", () => {}); it("b", () => expect(1).toBe(2)); it.skip("c", () => {});`;
  expect(await totalsOf({ "one.test.ts": code, "two.test.ts": `it("d", () => {});` })).toEqual({
    passed: 4,
    failed: 1,
  });
});

it("counts a file that does not load, and an error outside of any test, as failed", async () => {
  const broken = `throw new Error("does not load");`;
  const rejects = `it("e", () => void Promise.reject(new Error("nobody waits for this")));`;
  expect(await totalsOf({ "broken.test.ts": broken, "rejects.test.ts": rejects })).toEqual({ passed: 1, failed: 2 });
});
