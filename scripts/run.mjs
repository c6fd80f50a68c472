// The entry point of every npm script. Plain JavaScript without dependencies: it runs before anything is installed, on
// any Node that the machine has.
import { check, quickCheck } from "./check.mjs";
import { buildDashboard } from "./dashboard.mjs";
import { buildCluster } from "./embedded.mjs";
import { installDependencies } from "./install.mjs";
import { useSupportedNode } from "./node-runtime.mjs";
import { runNode } from "./processes.mjs";
import { startExample, startSidecar } from "./start.mjs";
import { runLongTests, runTests } from "./tests.mjs";

const COMMANDS = {
  start: startExample,
  sidecar: startSidecar,
  check,
  test: async (args) => {
    const checked = args.length > 0 || (await quickCheck());
    return (await runTests(args)) && checked;
  },
  "test:long": runLongTests,
  bench: (args) => runNode(["bench/src/main.ts", ...args]),
};

const [name = "", ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (command === undefined) {
  console.error(`Usage: node scripts/run.mjs ${Object.keys(COMMANDS).join(" | ")}`);
  process.exit(2);
}
try {
  useSupportedNode();
  installDependencies();
  await Promise.all([buildDashboard(), buildCluster()]);
  process.exitCode = (await command(args)) ? 0 : 1;
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
