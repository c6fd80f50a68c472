import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../harness/free-port.ts";
import { installPackedPackages, type PackedPackage, type PackedWorkspace } from "./packed-workspace.ts";

const run = promisify(execFile);
const TSC = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
const KEY = "api_cGFja2VkcGFja2VkcGFja2VkcGFja2VkcGFja2Vk";

let workspace: PackedWorkspace;
beforeAll(async () => {
  workspace = await installPackedPackages();
}, 180_000);
afterAll(() => workspace?.remove());

function packed(name: string): PackedPackage {
  const found = workspace.packages.find(({ manifest }) => manifest.name === name);
  if (!found) throw new Error(`${name} is not among the packed packages`);
  return found;
}

const entriesOf = ({ manifest }: PackedPackage) =>
  Object.keys(manifest.exports).map((subpath) => manifest.name + subpath.slice(1));

describe("every packed package", () => {
  it("knows neither the condition of the sources nor the workspace", () => {
    for (const { manifest } of workspace.packages) {
      expect(JSON.stringify(manifest.exports)).not.toContain("source");
      expect(JSON.stringify(manifest.dependencies ?? {})).not.toContain("workspace:");
    }
  });

  it("holds every file that its exports and commands name", () => {
    for (const { manifest, files } of workspace.packages) {
      const named = [...Object.values(manifest.exports).flatMap(Object.values), ...Object.values(manifest.bin ?? {})];
      expect(files).toEqual(expect.arrayContaining(named.map((path) => path.replace("./", ""))));
    }
  });

  it("has a licence, and no tests or build leftovers", () => {
    for (const { files } of workspace.packages) {
      expect(files).toContain("LICENSE");
      expect(files.filter((file) => /(^|\/)test\/|\.test\.|\.tsbuildinfo$|\.env/.test(file))).toEqual([]);
    }
  });

  it("is imported by a plain Node, and required too", async () => {
    const entries = workspace.packages
      .filter(({ manifest }) => manifest.name !== "@byo-session/browser")
      .flatMap(entriesOf);
    const script = `
      for (const name of ${JSON.stringify(entries)}) {
        const imported = await import(name);
        if (Object.keys(imported).length !== Object.keys(require(name)).length) throw new Error(name);
        console.log(name);
      }`;
    const file = join(workspace.folder, "import-all.mjs");
    const preamble = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
    await writeFile(file, preamble + script);
    const { stdout } = await run(process.execPath, [file]);
    expect(stdout.trim().split("\n")).toEqual(entries);
  });

  it("is typed for a strict project of its own", async () => {
    const lines = workspace.packages.flatMap(entriesOf).map((name, index) => `export * as m${index} from "${name}";`);
    await writeFile(join(workspace.folder, "uses.ts"), lines.join("\n"));
    const options = { module: "nodenext", target: "es2024", lib: ["es2024", "dom"], strict: true, noEmit: true };
    const compilerOptions = { ...options, skipLibCheck: false, types: ["node"] };
    await writeFile(join(workspace.folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["uses.ts"] }));
    const { stdout } = await run(process.execPath, [TSC, "-p", workspace.folder]).catch(
      (error: { stdout: string }) => error,
    );
    // The types of other people's packages are theirs; ours must be right.
    expect(stdout.split("\n").filter((line) => /@byo-session|^uses\.ts/.test(line))).toEqual([]);
  });
});

describe("the packed sidecar", () => {
  it("starts on an empty embedded database, serves the packed core, and stops", async () => {
    const { manifest, folder } = packed("@byo-session/sidecar");
    const dataDir = await mkdtemp(join(tmpdir(), "byo-packed-data-"));
    const port = String(await freePort());
    const env = { PATH: process.env.PATH, PORT: port, DATA_DIR: dataDir, INITIAL_INTEGRATION_KEY: KEY };
    const main = join(folder, manifest.bin?.["byo-sidecar"] ?? "");
    const sidecar = spawn(process.execPath, [main], {
      env,
      cwd: workspace.folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const exit = once(sidecar, "exit");
    try {
      const url = `http://127.0.0.1:${port}`;
      await answering(url, sidecar);
      const script = `
        import { createClient } from "@byo-session/core";
        const client = createClient({ url: "${url}", integrationKey: "${KEY}" });
        const made = await client.session.create({ userId: "ada" });
        const seen = made.ok && (await client.session.validate({ sessionToken: made.data.sessionToken }));
        console.log(JSON.stringify(seen));
        process.exit(0);`;
      await writeFile(join(workspace.folder, "client.mjs"), script);
      const { stdout } = await run(process.execPath, [join(workspace.folder, "client.mjs")]);
      expect(JSON.parse(stdout)).toMatchObject({ ok: true, data: { userId: "ada" } });
    } finally {
      sidecar.kill("SIGTERM");
    }
    expect(await exit).toEqual([0, null]);
    await rm(dataDir, { recursive: true });
  });

  it("brings its migrations and its command", async () => {
    const { manifest, folder, files } = packed("@byo-session/sidecar");
    expect(files).toContain("migrations/000001.sql");
    const { stdout } = await run(process.execPath, [join(folder, manifest.bin?.byo ?? ""), "--help"]);
    expect(stdout).toContain("keys");
  });
});

async function answering(url: string, sidecar: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline && sidecar.exitCode === null; await sleep(100)) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error(`the packed sidecar did not answer at ${url}`);
}
