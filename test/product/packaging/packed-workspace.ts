import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PUBLISHED } from "../../../scripts/published.mjs";
import { INSTALLERS, type Installer } from "./installers.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PNPM = ["--yes", "--prefer-offline", "pnpm@12.21.0"];
const run = promisify(execFile);
const shell = process.platform === "win32";

export interface Manifest {
  name: string;
  version: string;
  description: string;
  license: string;
  keywords?: string[];
  engines?: Record<string, string>;
  scripts?: Record<string, string>;
  exports: Record<string, Record<string, string>>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

export interface PackedPackage {
  manifest: Manifest;
  /** Where it is installed. */
  folder: string;
  tarball: string;
  /** The files of the tarball. */
  files: string[];
}

export interface PackedExample {
  name: string;
  folder: string;
  manifest: Manifest;
}

export interface PackedWorkspace {
  /** A project outside of the repository in which the packed packages are installed, with their peers. */
  folder: string;
  packages: PackedPackage[];
  /** The examples, on the packed packages. */
  examples: PackedExample[];
  remove(): Promise<void>;
}

/** Builds and packs every published package and installs the tarballs into an empty project, with the examples beside. */
export async function installPackedPackages(installer: Installer = "pnpm"): Promise<PackedWorkspace> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "byo-packed-")));
  const tarballs = await packPackages(join(folder, "tarballs"));
  const sources = await Promise.all(PUBLISHED.map((name) => readManifest(join(ROOT, name))));
  const ours = Object.fromEntries(sources.map(({ name }, index) => [name, `file:${tarballs[index]}`]));
  const packed = (dependencies: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(dependencies).map(([name, version]) => [name, ours[name] ?? version]));

  const names = (await readdir(join(ROOT, "examples"))).sort();
  const examples = await Promise.all(
    names.map(async (name) => {
      const example = join(folder, "examples", name);
      await cp(join(ROOT, "examples", name), example, { recursive: true, filter: isSource });
      const tsconfig = join(example, "tsconfig.json");
      // A configuration that extends the repository's is for its contributors.
      if ((await readFile(tsconfig, "utf8").catch(() => "")).includes('"../../')) await rm(tsconfig);
      const manifest = await readManifest(example);
      const dependencies = packed(manifest.dependencies);
      await writeFile(join(example, "package.json"), JSON.stringify({ ...manifest, dependencies }));
      return { name, folder: example, manifest };
    }),
  );
  const peers = Object.assign({}, ...sources.map(peersOf));
  await INSTALLERS[installer]({ folder, ours, dependencies: { ...peers, ...ours } });

  const packages = sources.map(async ({ name }, index) => {
    const installed = await realpath(join(folder, "node_modules", name));
    const tarball = tarballs[index] ?? "";
    return { manifest: await readManifest(installed), folder: installed, tarball, files: await filesOf(tarball) };
  });
  return {
    folder,
    packages: await Promise.all(packages),
    examples,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Builds and packs published packages; gives the tarballs, in the order of the names. */
export async function packPackages(destination: string, names: readonly string[] = PUBLISHED): Promise<string[]> {
  await build(names);
  const filters = names.flatMap((name) => ["--filter", `./${name}`]);
  await run("npx", [...PNPM, ...filters, "pack", "--pack-destination", destination], { cwd: ROOT, shell });
  const files = await readdir(destination);
  const manifests = await Promise.all(names.map((name) => readManifest(join(ROOT, name))));
  return manifests.map(({ name, version }) => {
    const file = `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
    if (!files.includes(file)) throw new Error(`expected ${file} among the packed ${files.join(", ")}`);
    return join(destination, file);
  });
}

async function build(names: readonly string[]): Promise<void> {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  await run(process.execPath, [tsc, "-b", ...names], { cwd: ROOT }).catch(({ stdout }: { stdout: string }) => {
    throw new Error(`the packages do not compile:\n${stdout}`);
  });
}

/** What our packages leave to the project: their peers, as they are developed with, and the tools of TypeScript. */
function peersOf({ peerDependencies = {}, devDependencies = {} }: Manifest): Record<string, string> {
  const wanted = Object.entries(devDependencies).filter(([name]) => {
    return name in peerDependencies || name.startsWith("@types/");
  });
  return Object.fromEntries([["@types/node", "24.19.2"], ["typescript", "7.0.2"], ...wanted]);
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
}

async function filesOf(tarball: string): Promise<string[]> {
  const { stdout } = await run("tar", ["-tzf", tarball]);
  return stdout
    .trim()
    .split(/\r?\n/)
    .map((file) => file.replace(/^package\//, ""));
}

function isSource(path: string): boolean {
  return !["node_modules", "dist", ".next", ".byo"].includes(basename(path)) && !path.endsWith(".tsbuildinfo");
}
