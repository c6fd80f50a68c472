import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PackedPackage, PackedWorkspace } from "./packed-workspace.ts";

const run = promisify(execFile);

export function entriesOf({ manifest }: PackedPackage): string[] {
  return Object.keys(manifest.exports).map((subpath) => manifest.name + subpath.slice(1));
}

/** Imports and requires every entry in one process of a Node: what each exports, which must be the same both ways. */
export async function loadEntries(workspace: PackedWorkspace, node: string): Promise<Map<string, string[]>> {
  const entries = workspace.packages.flatMap(entriesOf);
  const script = `
    import { createRequire } from "node:module";
    const require = createRequire(import.meta.url);
    const names = {};
    for (const name of ${JSON.stringify(entries)}) {
      names[name] = Object.keys(await import(name)).sort();
      const required = Object.keys(require(name)).sort();
      if (String(required) !== String(names[name])) throw new Error(name + " is another one when it is required");
    }
    console.log(JSON.stringify(names));`;
  const file = join(workspace.folder, "load-entries.mjs");
  await writeFile(file, script);
  const { stdout } = await run(node, [file], { cwd: workspace.folder });
  return new Map(Object.entries<string[]>(JSON.parse(stdout)));
}

const EXPORT_LIST = /\bexport\s+(?:type\s+)?\{([^}]*)\}/g;
const EXPORT_DECLARATION =
  /^export\s+(?:declare\s+)?(?:abstract\s+|async\s+)?(?:interface|type|class|function|const|enum|namespace)\s+([\w$]+)/gm;

/** The names in the types of an entry. All of them stand there: nothing exports the whole of another file. */
async function typedNames({ manifest, folder }: PackedPackage, subpath: string): Promise<string[]> {
  const types = await readFile(join(folder, manifest.exports[subpath]?.types ?? ""), "utf8");
  const listed = [...types.matchAll(EXPORT_LIST)].flatMap(([, list = ""]) =>
    list.split(",").map((one) =>
      one
        .trim()
        .replace(/^type\s+/, "")
        .replace(/^.*\sas\s+/, ""),
    ),
  );
  const declared = [...types.matchAll(EXPORT_DECLARATION)].map(([, name = ""]) => name);
  return [...new Set([...listed, ...declared])].filter(Boolean).sort();
}

/** Every exported name of every entry, for a file that is committed: what changes for users shows in its difference. */
export async function describeExports(workspace: PackedWorkspace, values: Map<string, string[]>): Promise<string> {
  const sections: string[] = [];
  for (const one of workspace.packages) {
    for (const [index, subpath] of Object.keys(one.manifest.exports).entries()) {
      const entry = entriesOf(one)[index] ?? "";
      const exported = values.get(entry) ?? [];
      const types = (await typedNames(one, subpath)).filter((name) => !exported.includes(name));
      sections.push(
        [entry, ...exported.map((name) => `  ${name}`), ...types.map((name) => `  type ${name}`)].join("\n"),
      );
    }
  }
  return `${sections.sort().join("\n\n")}\n`;
}
