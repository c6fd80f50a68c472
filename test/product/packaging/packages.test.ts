import { execFile } from "node:child_process";
import { cp, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { printResults } from "../../harness/result-table.ts";
import { describeExports, entriesOf, loadEntries } from "./exported-names.ts";
import { nodeVersions, OLDEST_NODE, THIS_NODE } from "./node-versions.ts";
import {
  needsBuild,
  PACKED_KEY,
  type PackedProcess,
  startPackedExample,
  startPackedSidecar,
} from "./packed-process.ts";
import { installPackedPackages, type PackedWorkspace } from "./packed-workspace.ts";

const run = promisify(execFile);
const TSC = fileURLToPath(new URL("../../../node_modules/typescript/bin/tsc", import.meta.url));

let workspace: PackedWorkspace;
let oldestNode: string;
beforeAll(async () => {
  const [installed, [oldest]] = await Promise.all([installPackedPackages(), nodeVersions([OLDEST_NODE])]);
  workspace = installed;
  oldestNode = oldest?.path ?? THIS_NODE.path;
}, 180_000);
afterAll(() => workspace?.remove());

describe("every packed package", () => {
  it("knows neither the condition of the sources nor the workspace", () => {
    for (const { manifest } of workspace.packages) {
      expect(JSON.stringify(manifest)).not.toContain("@byo-session/source");
      expect(JSON.stringify(manifest.dependencies ?? {})).not.toContain("workspace:");
    }
  });

  it("holds every file that its exports and commands name", () => {
    for (const { manifest, files } of workspace.packages) {
      const named = [...Object.values(manifest.exports).flatMap(Object.values), ...Object.values(manifest.bin ?? {})];
      expect(files).toEqual(expect.arrayContaining(named.map((path) => path.replace("./", ""))));
    }
  });

  it("has a licence and a README, and no tests or build leftovers", async () => {
    for (const { files, folder, manifest } of workspace.packages) {
      expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md"]));
      expect(await readFile(join(folder, "README.md"), "utf8")).toContain(`# ${manifest.name}`);
      expect(files.filter((file) => /(^|\/)test\/|\.test\.|\.tsbuildinfo$|\.env/.test(file))).toEqual([]);
    }
  });

  it("says what it is, for whom and under which terms", () => {
    for (const { manifest } of workspace.packages) {
      expect(manifest).toMatchObject({
        license: "MIT",
        type: "module",
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      });
      expect(manifest.description.length).toBeGreaterThan(30);
      expect(manifest.keywords).toContain("session");
      if (manifest.name !== "@byo-session/browser") expect(manifest.engines).toEqual({ node: ">=22.19" });
    }
  });

  it("is well packed by publint's rules", async () => {
    for (const { tarball, manifest } of workspace.packages) {
      const { buffer } = new Uint8Array(await readFile(tarball));
      const { messages } = await publint({ pack: { tarball: buffer }, strict: true });
      expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
    }
  });

  it("exports the names that are written down, on the oldest Node and on this one, imported and required", async () => {
    const exported = await loadEntries(workspace, THIS_NODE.path);
    expect(await loadEntries(workspace, oldestNode)).toEqual(exported);
    await expect(await describeExports(workspace, exported)).toMatchFileSnapshot("exports.txt");
  });

  it("is typed for a strict project, by the application's own tags and metadata where it declares them", async () => {
    const entries = workspace.packages.flatMap(entriesOf).map((name, index) => `export * as m${index} from "${name}";`);
    await writeFile(join(workspace.folder, "entries.mts"), entries.join("\n"));
    expect(await complaints(["entries.mts", "unregistered.mts"])).toEqual([]);
    expect(await complaints(["registered.mts"], { skipLibCheck: true })).toEqual([]);
  });

  it("says to a server of React which part is for the browser, and needs React for that part only", async () => {
    const { manifest, folder } = workspace.packages.find(({ manifest }) => manifest.exports["./react"]) ?? raise();
    const directive = '"use client";\n';
    const [main, react] = await Promise.all(
      [".", "./react"].map((entry) => readFile(join(folder, manifest.exports[entry]?.default ?? ""), "utf8")),
    );
    expect([main?.startsWith(directive), react?.startsWith(directive)]).toEqual([false, true]);
    expect(main).not.toMatch(/["']react["']/);
    expect(manifest).toMatchObject({ peerDependenciesMeta: { react: { optional: true } } });
  });

  it("is as large as this", async () => {
    const rows = await Promise.all(
      workspace.packages.map(async ({ manifest, files, tarball }) => {
        const { size } = await stat(tarball);
        return { package: manifest.name, "kB packed": Math.ceil(size / 1000), files: files.length };
      }),
    );
    printResults("Packed packages", rows);
    // Nobody should download a bundled app by accident. Of the sidecar, 4,500 kB are the prepared embedded database.
    const limitOf = (name: string) => (name === "@byo-session/sidecar" ? 7000 : 2000);
    for (const row of rows) expect(row["kB packed"], row.package).toBeLessThan(limitOf(row.package));
  });
});

describe("what is installed from the tarballs", () => {
  let sidecar: PackedProcess;
  beforeAll(async () => {
    sidecar = await startPackedSidecar(workspace, oldestNode);
  }, 90_000);

  it("is a sidecar that starts on the oldest Node, and serves the packed core", async () => {
    const script = `
      import { createClient } from "@byo-session/core";
      const client = createClient({ url: "${sidecar.url}", integrationKey: "${PACKED_KEY}" });
      const made = await client.session.create({ userId: "ada" });
      const seen = made.ok && (await client.session.validate({ sessionToken: made.data.sessionToken }));
      console.log(JSON.stringify(seen));
      await client.close();`;
    await writeFile(join(workspace.folder, "client.mjs"), script);
    const { stdout } = await run(oldestNode, [join(workspace.folder, "client.mjs")]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, data: { userId: "ada" } });
  });

  it("has migrations, examples of its configuration, the dashboard, and a command for its operators", async () => {
    const { manifest, folder, files } = workspace.packages.find(({ manifest }) => manifest.bin) ?? raise();
    expect(files).toEqual(
      expect.arrayContaining([
        "migrations/000001.sql",
        "config.example/session_config.jsonc",
        "dashboard/dist/index.html",
      ]),
    );
    const { stdout } = await run(oldestNode, [join(folder, manifest.bin?.byo ?? ""), "--help"]);
    expect(stdout).toContain("keys");
  });

  it("starts every example that needs no build, and its first page answers", async () => {
    const runnable = workspace.examples.filter((example) => !needsBuild(example));
    expect(runnable.length).toBeGreaterThan(0);
    for (const example of runnable) {
      const app = await startPackedExample(example, sidecar, THIS_NODE.path);
      const answer = await fetch(app.url);
      expect(answer.headers.get("content-type"), basename(example.folder)).toContain("text/html");
      expect(await answer.text()).toContain("<html");
      await app.stop();
    }
  });

  it("ends when it is told to", async () => {
    expect(await sidecar.stop()).toBe(0);
  });
});

/** The compiler's output for our packages, in one program. */
async function complaints(files: string[], { skipLibCheck = false } = {}): Promise<string[]> {
  const { folder } = workspace;
  await cp(new URL("types/", import.meta.url), folder, { recursive: true });
  const options = { module: "nodenext", target: "es2024", lib: ["es2024", "dom"], strict: true, noEmit: true };
  const compilerOptions = { ...options, skipLibCheck, types: ["node"] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const { stdout } = await run(process.execPath, [TSC, "-p", folder]).catch((error: { stdout: string }) => error);
  // The types of other people's packages are theirs; ours must be right.
  return stdout.split("\n").filter((line) => line.includes("byo-session") || /^\w+\.mts/.test(line));
}

function raise(): never {
  throw new Error("no packed package is like that");
}
