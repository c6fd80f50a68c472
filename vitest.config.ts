import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

// Only this condition: together with "import", Express 5 resolves to files that do not match.
const conditions = ["@byo-session/source"];
const fromSources = { resolve: { conditions }, ssr: { resolve: { conditions } } };

function project(name: string, include: string[], test: TestProjectInlineConfiguration["test"] = {}) {
  // For real clocks, sockets and processes on a shared machine; tests that needed it are listed at the end of the run.
  return { ...fromSources, test: { name, include, testTimeout: 20_000, hookTimeout: 60_000, retry: 1, ...test } };
}

/** A project whose tests start real sidecars, on one of the supported databases. */
function onDatabase(
  name: string,
  database: "embedded" | "oldest" | "newest",
  include: string[],
  test: TestProjectInlineConfiguration["test"] = {},
) {
  return project(name, include, {
    ...test,
    globalSetup: [`test/harness/global-setup/${database}.ts`, test.globalSetup ?? []].flat(),
    setupFiles: ["test/harness/stop-leftovers.ts", "test/harness/process-guard.ts"],
  });
}

const behaviour = ["test/behaviour/sidecar/**/*.test.ts"];
/** Tests that reach every kind of statement; the long tests run the rest on the oldest Postgres. */
const everyStatement = [
  "active-sessions",
  "create-session",
  "devices-replay",
  "devices-rotation",
  "garbage-collection",
  "limits",
  "rotation",
  "update-session",
].map((name) => `test/behaviour/sidecar/${name}.test.ts`);
/** What is specific to the embedded database; the frameworks' tests and the test kit also run on it. */
const onOneConnection = ["active-sessions", "rotation", "start"].map(
  (name) => `test/behaviour/sidecar/${name}.test.ts`,
);
// Each of these sidecars has its own database, so the files can share a process, which halves their CPU.
const shared = { isolate: false };
// After the others: these spend two thirds of the time waiting, for a clock or for batched writes.
const waiting = { ...shared, maxWorkers: 4, sequence: { groupOrder: 1 } };

/** What a client could send, against every conformance host. Its failures are never random. */
const clientInputs = ["test/frameworks/client-inputs/*.test.ts"];
/** The newest version of each framework; the long tests run the others too. */
const olderHosts = (folder: string) =>
  ["koa-2", "next-15*", "next-16-*", "h3-2"].map((host) => `${folder}/${host}.test.ts`);

const crashes = ["test/proofs/resilience/crashes/*.test.ts"];

const projects = [
  project("unit", [
    "{core,sidecar,sidecar/dashboard,browser,middleware-*}/test/**/*.test.ts",
    "test/product/{architecture,docs,scripts,containers}/**/*.test.ts",
  ]),
  onDatabase("pglite", "embedded", onOneConnection, waiting),
  onDatabase("postgres-14", "oldest", everyStatement, waiting),
  onDatabase("postgres-18", "newest", behaviour, waiting),
  onDatabase("session-cache", "newest", ["test/behaviour/sidecar/rotation.test.ts"], {
    ...waiting,
    env: { BYO_TEST_SESSION_CACHE: "on" },
  }),
  onDatabase("client", "newest", ["test/behaviour/client/**/*.test.ts"]),
  onDatabase("frameworks", "newest", ["test/frameworks/**/*.test.ts"], {
    ...shared,
    exclude: ["test/frameworks/{client-inputs,next}/**", "test/frameworks/conformance/*.test.ts"],
  }),
  onDatabase("conformance", "newest", ["test/frameworks/conformance/*.test.ts"], {
    ...shared,
    hookTimeout: 240_000,
    exclude: ["test/frameworks/conformance/express-4.test.ts", ...olderHosts("test/frameworks/conformance")],
  }),
  onDatabase("client-inputs", "newest", clientInputs, {
    ...shared,
    ...{ retry: 0, testTimeout: 120_000, hookTimeout: 240_000 },
    exclude: ["express-4", "next-16"]
      .map((host) => `test/frameworks/client-inputs/${host}.test.ts`)
      .concat(olderHosts("test/frameworks/client-inputs")),
  }),
  onDatabase("conformance-carriers", "newest", ["test/frameworks/conformance/express-4.test.ts"], {
    ...waiting,
    env: { BYO_TEST_CARRIER: "run-command", BYO_TEST_SESSION_CACHE: "on" },
  }),
  onDatabase("next", "newest", ["test/frameworks/next/{guards,pages-router,server,upgrade}.test.ts"], {
    hookTimeout: 240_000,
  }),
  onDatabase("fast-path", "newest", ["test/behaviour/fast-path/**/*.test.ts"], {
    ...shared,
    exclude: ["test/behaviour/fast-path/{mixed-users,replicas}.test.ts"],
  }),
  onDatabase("dashboard", "newest", ["test/behaviour/dashboard/api/**/*.test.ts"], waiting),
  onDatabase("dashboard-browser", "newest", ["test/behaviour/dashboard/browser/{build,pages,story}.test.ts"], shared),
  onDatabase(
    "frames",
    "newest",
    ["test/behaviour/sidecar/rotation.test.ts", "test/proofs/property/wall-clock.test.ts"],
    {
      ...shared,
      env: { BYO_TEST_CARRIER: "frames" },
    },
  ),
  onDatabase("security", "newest", ["test/proofs/{security,resilience}/**/*.test.ts"], { exclude: crashes }),
  onDatabase("crashes", "newest", crashes, waiting),
  onDatabase("property", "newest", ["test/proofs/property/**/*.test.ts"], { retry: 0 }),
  onDatabase("chromium", "newest", ["test/behaviour/browser/**/*.test.ts"]),
  project("testing", ["test/behaviour/testing/**/*.test.ts"], {
    ...shared,
    setupFiles: ["test/harness/stop-leftovers.ts"],
  }),
  project("bench", ["test/product/bench/**/*.test.ts"]),
  project("packaging", ["test/product/packaging/**/*.test.ts"], { testTimeout: 120_000 }),
];

/** Every host over each carrier. */
const conformanceByCarrier = ["fast-path", "run-command"].flatMap((carrier) =>
  ["off", "on"].map((cache) =>
    onDatabase(`conformance-${carrier}-cache-${cache}`, "newest", ["test/frameworks/conformance/*.test.ts"], {
      ...waiting,
      env: { BYO_TEST_CARRIER: carrier, BYO_TEST_SESSION_CACHE: cache },
      hookTimeout: 240_000,
    }),
  ),
);

const longProjects = [
  ...conformanceByCarrier,
  onDatabase("client-inputs", "embedded", clientInputs, {
    ...shared,
    retry: 0,
    testTimeout: 600_000,
    hookTimeout: 240_000,
  }),
  onDatabase("pglite", "embedded", behaviour, shared),
  onDatabase("postgres-14", "oldest", behaviour, shared),
  onDatabase("dashboard-browser", "newest", ["test/behaviour/dashboard/browser/**/*.test.ts"], {
    ...shared,
    globalSetup: ["test/behaviour/dashboard/browser/million-sessions.ts"],
  }),
  onDatabase("next", "newest", ["test/frameworks/next/{clicks,example,guide,pages-router-15}.test.ts"], {
    hookTimeout: 240_000,
  }),
  onDatabase("fast-path", "newest", ["test/behaviour/fast-path/{mixed-users,replicas}.test.ts"], shared),
  onDatabase("long", "newest", ["test/proofs/long/**/*.test.ts"], { retry: 0 }),
];

export default defineConfig({
  test: {
    // Each test file may run a sidecar, a Postgres backend or Chromium, and waits for them.
    maxWorkers: 3,
    // Batched writes are visible within a second on a quiet machine; a longer timeout only slows down failures.
    expect: { poll: { timeout: 10_000 } },
    reporters: [
      "default",
      "./test/harness/totals-reporter.ts",
      "./test/proofs/security/checklist-reporter.ts",
      "./test/proofs/security/attacks-reporter.ts",
      "./test/frameworks/conformance/conformance-reporter.ts",
    ],
    projects: process.env.BYO_TEST_LONG === "1" ? longProjects : projects,
  },
});
