import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

// Whether it works, not what it measures: that says nothing on a machine that runs tests beside it.
it("measures, and writes its report and its chart", { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "byo-bench-"));
  const options = {
    only: "requests,revocation",
    contestants: "iron,cache off",
    sessions: "32",
    rows: "500",
    secs: "1",
    "warm-up": "1",
    repeats: "1",
    revocations: "10",
    results: folder,
  };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  await promisify(execFile)(process.execPath, ["--conditions=@byo-session/source", "bench/src/main.ts", ...flags], {
    timeout: 110_000,
  });
  const results = JSON.parse(await readFile(join(folder, "performance.json"), "utf8"));
  const names = results.parts.requests.map(({ name }: { name: string }) => name);
  expect(names).toContain("byo-session, session cache off");
  expect(results.parts.revocation).toMatchObject({ revocations: 10, medianMs: expect.any(Number) });
  expect(await readFile(join(folder, "performance.md"), "utf8")).toContain("| iron-session");
  expect(await readFile(join(folder, "performance.svg"), "utf8")).toMatch(/^<svg .*iron-session.*<\/svg>\n$/s);
  await rm(folder, { recursive: true });
});
