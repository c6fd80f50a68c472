import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { chromiumPath } from "../../harness/chromium.ts";
import { codeBlocks, ROOT, readDocuments } from "../../product/docs/code-blocks.ts";

// The browser of this machine, for the example that opens one.
process.env.CHROME_PATH = chromiumPath();

const documents = readDocuments().filter(({ path }) => path === "docs/testing.md");
const blocks = documents.flatMap(codeBlocks).filter(({ language }) => language === "ts");
// In the workspace, so that the examples find the packages as a user's tests would.
const folder = join(ROOT, "test", `output-documented-${process.pid}`);
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("finds the examples of the guide", () => {
  expect(blocks.length).toBeGreaterThan(5);
});

for (const { where, code } of blocks) {
  // Each is a test file as it stands: its tests become tests of this one.
  describe(where, async () => {
    const file = join(folder, `${where.replace(/\W+/g, "-")}.ts`);
    writeFileSync(file, code);
    await import(file);
  });
}
