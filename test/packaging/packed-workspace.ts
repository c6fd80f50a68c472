import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PUBLISHED } from "../../scripts/published.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PNPM = ["--yes", "--prefer-offline", "pnpm@12.21.0"];
const run = promisify(execFile);

export interface Manifest {
  name: string;
  version: string;
  exports: Record<string, Record<string, string>>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

export interface PackedPackage {
  manifest: Manifest;
  folder: string;
  /** The files of the tarball. */
  files: string[];
}

export interface PackedWorkspace {
  /** A project outside of the repository in which the packed packages are installed. */
  folder: string;
  packages: PackedPackage[];
  remove(): Promise<void>;
}

/**
 * Builds and packs every published package and installs the tarballs into an empty project, as `npm install` would. What
 * they depend on is linked from the repository, so that the test needs no registry.
 */
export async function installPackedPackages(): Promise<PackedWorkspace> {
  await run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-b", ...PUBLISHED], { cwd: ROOT });
  const folder = await mkdtemp(join(tmpdir(), "byo-packed-"));
  const packages: PackedPackage[] = [];
  for (const name of PUBLISHED) packages.push(await installPacked(join(ROOT, name), folder));
  for (const { manifest } of packages) {
    const source = join(ROOT, PUBLISHED[packages.findIndex((packed) => packed.manifest === manifest)] ?? "");
    const needed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    for (const dependency of needed) await link(join(source, "node_modules", dependency), folder, dependency);
  }
  await link(join(ROOT, "node_modules/@types/node"), folder, "@types/node");
  await link(join(ROOT, "test/node_modules/@types/express"), folder, "@types/express");
  return { folder, packages, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function installPacked(source: string, project: string): Promise<PackedPackage> {
  const tarballs = await mkdtemp(join(tmpdir(), "byo-tarball-"));
  const shell = process.platform === "win32";
  await run("npx", [...PNPM, "pack", "--pack-destination", tarballs], { cwd: source, shell });
  const [tarball = ""] = await readdir(tarballs);
  await run("tar", ["-xzf", tarball], { cwd: tarballs });
  const unpacked = join(tarballs, "package");
  const manifest: Manifest = JSON.parse(await readFile(join(unpacked, "package.json"), "utf8"));
  const folder = join(project, "node_modules", manifest.name);
  await cp(unpacked, folder, { recursive: true });
  await rm(tarballs, { recursive: true });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return { manifest, folder, files: files.map((file) => file.slice(folder.length + 1).replaceAll("\\", "/")) };
}

async function link(target: string, project: string, name: string): Promise<void> {
  const path = join(project, "node_modules", name);
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path, "junction").catch((error: NodeJS.ErrnoException) => {
    // Several packages need the same one, and ours are there already, packed.
    if (error.code !== "EEXIST") throw error;
  });
}
