// `npm test` and `npm run test:long`. The last line of the output is the test runner's own count.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ensureChromium,
  ensureChromiumShell,
  ensureFirefox,
  ensureNginx,
  ensurePostgresProxies,
  ensurePrometheus,
} from "./debian-programs.mjs";
import { runTool } from "./processes.mjs";

const LEFT_TO_LONG_TESTS = `npm run test:long has the rest: older versions of the frameworks, each way to the sidecar, most of the sidecar's tests on
PGlite and Postgres 14, most pages of the dashboard in Chromium, more of Next (a shop with its guards, and all of its Pages
Router), every client input at every host, the benchmarks' report, the whole number of invented tokens, fuzzed commands, histories and
revocations, load, crashes, and random histories that are new each time.`;

export function runTests(args) {
  ensureChromium();
  ensureChromiumShell();
  return runVitest(args, {}, args.length === 0 ? LEFT_TO_LONG_TESTS : undefined);
}

/** The slow tests: minutes of load, many crashes. They write their measurements to docs/results. */
export function runLongTests(args) {
  ensureFirefox();
  ensureNginx();
  ensurePrometheus();
  ensurePostgresProxies();
  return runVitest(args, { BYO_TEST_LONG: "1" });
}

async function runVitest(args, variables, note) {
  const folder = mkdtempSync(join(tmpdir(), "byo-totals-"));
  const totalsFile = join(folder, "totals.json");
  const env = { ...process.env, BYO_TEST_TOTALS: totalsFile, ...variables };
  const passed = await runTool("vitest", ["run", ...args], { env });
  const totals = readTotals(totalsFile);
  rmSync(folder, { recursive: true, force: true });
  if (note !== undefined) console.log(note);
  console.log(`tests: ${totals.passed} passed, ${totals.failed} failed`);
  return passed && totals.passed > 0 && totals.failed === 0;
}

function readTotals(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    console.error("The test runner ended before it counted its tests, see above.");
    return { passed: 0, failed: 0 };
  }
}
