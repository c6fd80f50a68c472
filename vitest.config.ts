import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { IS_LONG } from "./test/harness/is-long.ts";
import ProjectOrder from "./test/harness/project-order.ts";

// Only this condition: together with "import", Express 5 resolves to files that do not match.
const conditions = ["@byo-session/source"];
const fromSources = { resolve: { conditions }, ssr: { resolve: { conditions } } };

// Node processes that the tests start share their compiled code: this halves the CPU that a sidecar needs to start.
process.env.NODE_COMPILE_CACHE ??= new URL("node_modules/.cache/compiled", import.meta.url).pathname;

function project(name: string, include: string[], test: TestProjectInlineConfiguration["test"] = {}) {
  const setUp = {
    // Each file stops what it started, so files can share a process. Loading all code again for each file took as much
    // CPU as the tests. Every project has processes of its own, so few projects are faster than many.
    isolate: false,
    setupFiles: ["test/harness/stop-leftovers.ts"],
    // For real clocks, sockets and processes on a shared machine; tests that needed it are listed at the end of the run.
    retry: 1,
    testTimeout: 20_000,
    // Some hooks build an app of Next.
    hookTimeout: 240_000,
  };
  const exclude = [...configDefaults.exclude, ...(test.exclude ?? [])];
  return { ...fromSources, test: { name, include, ...setUp, ...test, exclude } };
}

/** A project whose tests start real sidecars, on one of the supported databases. */
function onDatabase(
  name: string,
  database: "embedded" | "oldest" | "newest",
  include: string[],
  test: TestProjectInlineConfiguration["test"] = {},
) {
  return project(name, include, {
    setupFiles: ["test/harness/stop-leftovers.ts", "test/harness/process-guard.ts"],
    ...test,
    globalSetup: [`test/harness/global-setup/${database}.ts`, test.globalSetup ?? []].flat(),
  });
}

const behaviour = ["test/behaviour/sidecar/**/*.test.ts"];
const ofSidecar = (names: string[]) => names.map((name) => `test/behaviour/sidecar/${name}.test.ts`);
/** Tests that reach every kind of statement; the long tests run the rest on the oldest Postgres. */
const everyStatement = ofSidecar([
  "devices/replay",
  "devices/rotation",
  "impersonation/replicas",
  "sessions/active-sessions",
  "sessions/create-session",
  "sessions/garbage-collection",
  "sessions/limits",
  "sessions/rotation",
  "sessions/update-session",
]);
/** What is specific to the embedded database; the test kit also runs on it. */
const onOneConnection = ofSidecar(["process/start", "sessions/rotation"]);
const rotation = ofSidecar(["sessions/rotation"]);
const theft = ofSidecar(["sessions/old-tokens", "devices/rotation"]);

/** After the others, and more at once: much of their time is waiting for a clock, a silent connection or batched writes. */
const waiting = { maxWorkers: 8, sequence: { groupOrder: 1 } };

const conformance = ["test/frameworks/conformance/*.test.ts"];
/** What a client could send, against every conformance host. */
const clientInputs = ["test/frameworks/client-inputs/*.test.ts"];

/** `npm test` has the newest version of each framework; the long tests run the others too. */
const olderHosts = ["conformance", "client-inputs"].flatMap((folder) =>
  ["express-4", "koa-2", "next-15*", "next-16-*", "h3-2"].map((host) => `test/frameworks/${folder}/${host}.test.ts`),
);
const leftOut = [
  ...olderHosts,
  ...["next-16", "weaknesses"].map((name) => `test/frameworks/client-inputs/${name}.test.ts`),
];
const longOfNext = [
  "clicks",
  "example",
  "guards",
  "guards-15",
  "guide",
  "nginx",
  "pages-router",
  "pages-router-15",
].map((name) => `test/frameworks/next/${name}.test.ts`);
const recipes = "test/frameworks/web/recipes.test.ts";
/** In full; `npm test` has those of one framework. */
const liveExamples = "test/frameworks/live/examples.test.ts";
const longOfFastPath = ["mixed-users", "replicas"].map((name) => `test/behaviour/fast-path/${name}.test.ts`);

/** The plans of all statements differ between versions of Postgres. */
const plans = ["test/proofs/plans/*.test.ts"];
const proofs = ["test/proofs/{security,resilience}/**/*.test.ts"];
const inChromium = ["browser/test/chromium/*.test.ts", "test/behaviour/{browser,testing}/**/*.test.ts"];
const bench = "test/product/bench/bench.test.ts";

const projects = [
  project("product", ["test/product/**/*.test.ts"], { testTimeout: 120_000, exclude: [bench] }),
  onDatabase("chromium", "newest", [...inChromium, "test/behaviour/dashboard/browser/{build,incident}.test.ts"], {
    globalSetup: ["test/harness/global-setup/chromium.ts"],
  }),
  onDatabase(
    "property",
    "newest",
    [
      "test/proofs/property/{carriers,losses,remembered,rotation}.test.ts",
      "test/proofs/property/held-answers/*.test.ts",
    ],
    { retry: 0 },
  ),
  project("unit", ["{core,sidecar,sidecar/dashboard,browser,middleware-*}/test/**/*.test.ts"], {
    exclude: ["browser/test/chromium/**"],
  }),
  onDatabase("held", "newest", [...rotation, ...theft, "test/frameworks/conformance/express-5.test.ts"], {
    ...waiting,
    env: { BYO_TEST_SESSION_CACHE: "on" },
  }),
  onDatabase("run-command", "newest", rotation, {
    ...waiting,
    env: { BYO_TEST_CARRIER: "run-command", BYO_TEST_SESSION_CACHE: "on" },
  }),
  onDatabase("frames", "newest", [...rotation, "test/proofs/property/wall-clock.test.ts"], {
    ...waiting,
    env: { BYO_TEST_CARRIER: "frames" },
  }),
  onDatabase("pglite", "embedded", onOneConnection, waiting),
  onDatabase("postgres-14", "oldest", everyStatement, waiting),
  // Everything else that needs a database, in one project whose processes load the code once: another process costs more
  // than a second of CPU. Last, since at its end there are many short files.
  onDatabase(
    "postgres-18",
    "newest",
    [
      ...behaviour,
      ...proofs,
      ...plans,
      "test/behaviour/{client,fast-path}/**/*.test.ts",
      "test/behaviour/dashboard/api/*.test.ts",
      "test/frameworks/**/*.test.ts",
      "test/proofs/property/wall-clock.test.ts",
    ],
    { ...waiting, exclude: [...leftOut, ...longOfNext, ...longOfFastPath, recipes] },
  ),
];

/** Every host over each carrier. */
const conformanceByCarrier = ["fast-path", "run-command"].flatMap((carrier) =>
  ["off", "on"].map((cache) =>
    onDatabase(`conformance-${carrier}-cache-${cache}`, "newest", conformance, {
      env: { BYO_TEST_CARRIER: carrier, BYO_TEST_SESSION_CACHE: cache },
    }),
  ),
);

const longProjects = [
  ...conformanceByCarrier,
  onDatabase("client-inputs", "embedded", clientInputs),
  onDatabase("pglite", "embedded", behaviour),
  onDatabase("postgres-14", "oldest", [...behaviour, ...plans]),
  // With its window, which `npm test` leaves out.
  onDatabase("chromium", "newest", inChromium, { globalSetup: ["test/harness/global-setup/chromium.ts"] }),
  onDatabase("dashboard-browser", "newest", ["test/behaviour/dashboard/browser/**/*.test.ts"], {
    globalSetup: ["test/behaviour/dashboard/browser/million-sessions.ts"],
  }),
  onDatabase("next", "newest", longOfNext),
  onDatabase("examples", "newest", [recipes, liveExamples]),
  onDatabase("fast-path", "newest", longOfFastPath),
  // That the checker of the random histories finds deliberate bugs; `npm test` has some beside the histories.
  onDatabase("property", "newest", ["test/proofs/property/mutants.test.ts"], { retry: 0 }),
  // In full; `npm test` has fewer tries of the same.
  onDatabase("security", "newest", proofs),
  onDatabase("long", "newest", ["test/proofs/long/**/*.test.ts", bench], { isolate: true, retry: 0 }),
];

export default defineConfig({
  test: {
    // Each test file may run a sidecar, a Postgres backend or Chromium, and waits for them.
    maxWorkers: 6,
    sequence: { sequencer: ProjectOrder },
    // Batched writes are visible within a second on a quiet machine; a longer timeout only slows down failures.
    expect: { poll: { timeout: 10_000 } },
    reporters: [
      "default",
      "./test/harness/totals-reporter.ts",
      "./test/proofs/security/checklist-reporter.ts",
      "./test/proofs/security/attacks-reporter.ts",
      "./test/frameworks/conformance/conformance-reporter.ts",
    ],
    projects: IS_LONG ? longProjects : projects,
  },
});
