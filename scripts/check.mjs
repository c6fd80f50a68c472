// `npm run check`: all checks of the code that do not run the product.
import { checkPackages } from "./check-packages.mjs";
import { succeeds } from "./processes.mjs";

const FORMAT_AND_LINT = ["format and lint", "biome", ["check", "--error-on-warnings"]];
const TYPES = ["types", "tsc", ["-b"]];
const IMPORT_RULES = ["import rules", "vitest", ["run", "--project", "product", "test/product/architecture"]];
const UNUSED = ["unused code and dependencies", "knip", []];

/** The checks that `npm test` runs too. */
export function quickCheck() {
  return all([FORMAT_AND_LINT, TYPES]);
}

export function check() {
  const clean = all([FORMAT_AND_LINT, TYPES, IMPORT_RULES, UNUSED]);
  return checkPackages() && clean;
}

function all(steps) {
  // Every step runs, because people want the whole list at once.
  const failed = steps.filter(([title, program, args]) => {
    console.log(`\n${title}: ${program} ${args.join(" ")}`);
    return !succeeds("npx", ["--no-install", program, ...args]);
  });
  for (const [title] of failed) console.error(`check failed: ${title}`);
  return failed.length === 0;
}
