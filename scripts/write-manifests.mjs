// Writes where the project lives into the manifest of every published package. The one place to change it is
// "repository" in the package.json of the root.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./processes.mjs";
import { PUBLISHED } from "./published.mjs";

const { repository } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const home = repository.url.replace(/^git\+|\.git$/g, "");

for (const directory of PUBLISHED) {
  const file = join(ROOT, directory, "package.json");
  const fields = {
    repository: { ...repository, directory },
    homepage: `${home}/tree/main/${directory}#readme`,
    bugs: `${home}/issues`,
  };
  const lines = Object.entries(fields).map(([name, value]) => `  "${name}": ${onOneLine(value)},\n`);
  const text = readFileSync(file, "utf8").replace(/^ {2}"(repository|homepage|bugs)": .*\n/gm, "");
  writeFileSync(
    file,
    text.replace(/^ {2}"license": .*\n/m, (license) => license + lines.join("")),
  );
}

/** As the formatter writes it. */
function onOneLine(value) {
  if (typeof value === "string") return JSON.stringify(value);
  const pairs = Object.entries(value).map(([name, text]) => `"${name}": ${JSON.stringify(text)}`);
  return `{ ${pairs.join(", ")} }`;
}
