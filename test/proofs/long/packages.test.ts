import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadEntries } from "../../product/packaging/exported-names.ts";
import {
  MAINTAINED_NODES,
  type NodeVersion,
  nodeVersions,
  OLDEST_NODE,
} from "../../product/packaging/node-versions.ts";
import {
  buildPackedExample,
  needsBuild,
  startPackedExample,
  startPackedSidecar,
} from "../../product/packaging/packed-process.ts";
import { installPackedPackages, type PackedWorkspace } from "../../product/packaging/packed-workspace.ts";

const ATTW = fileURLToPath(new URL("../../../node_modules/@arethetypeswrong/cli/dist/index.js", import.meta.url));

let workspace: PackedWorkspace;
let nodes: NodeVersion[];
beforeAll(async () => {
  workspace = await installPackedPackages("npm");
  nodes = await nodeVersions([OLDEST_NODE, ...MAINTAINED_NODES]);
}, 300_000);
afterAll(() => workspace?.remove());

it("installed by npm, exports the same names on every maintained Node", { timeout: 120_000 }, async () => {
  const [oldest = new Map(), ...newer] = await Promise.all(nodes.map(({ path }) => loadEntries(workspace, path)));
  expect(oldest.size).toBeGreaterThan(workspace.packages.length);
  for (const exported of newer) expect(exported).toEqual(oldest);
});

it("has types that every way of resolving finds", { timeout: 120_000 }, async () => {
  for (const { tarball } of workspace.packages) {
    const args = [ATTW, tarball, "--profile", "esm-only", "--no-color"];
    const told = await promisify(execFile)(process.execPath, args).then(
      () => "",
      ({ stdout }: { stdout: string }) => stdout,
    );
    expect(told, tarball).toBe("");
  }
});

it("starts the sidecar, and every example in front of it, on every maintained Node", { timeout: 600_000 }, async () => {
  expect(workspace.examples.length).toBeGreaterThan(0);
  for (const [index, { path }] of nodes.entries()) {
    const sidecar = await startPackedSidecar(workspace, path);
    for (const example of workspace.examples) {
      if (needsBuild(example) && index === 0) await buildPackedExample(example, sidecar, path);
      const app = await startPackedExample(example, sidecar, path);
      expect(await (await fetch(app.url)).text(), example.name).toContain("<html");
      await app.stop();
    }
    expect(await sidecar.stop()).toBe(0);
  }
});
