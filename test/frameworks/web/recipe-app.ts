import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "../../harness/free-port.ts";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { createLogCollector } from "../../harness/log-lines.ts";
import { codeBlocks, readDocuments } from "../../product/docs/code-blocks.ts";
import { packPackages } from "../../product/packaging/packed-workspace.ts";

const DOCUMENT = "docs/web.md";
const START_LIMIT_MS = 60_000;

const run = promisify(execFile);
const shell = process.platform === "win32";

/** A host of the Web's requests that a document has a recipe for. */
export interface Recipe {
  readonly name: string;
  /** The heading above its code. */
  readonly heading: string;
  readonly dependencies: readonly string[];
  /** What somebody who follows the recipe has already. */
  readonly files: Readonly<Record<string, string>>;
  /** From the app's folder. */
  readonly build: readonly string[];
  readonly server: string;
}

/** An app of the recipe's code, on the packed packages, built and served as its users do. Gives its address. */
export async function startRecipe(recipe: Recipe, variables: Record<string, string>): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "byo-recipe-")));
  stopAfterFile(() => rm(folder, { recursive: true, force: true }));
  const packing = packPackages(join(folder, "tarballs"), ["core", "middleware-web"]);
  const files = { "package.json": '{ "private": true, "type": "module" }', ...recipe.files, ...codeOf(recipe) };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const args = ["install", "--prefer-offline", "--no-audit", "--no-fund", ...recipe.dependencies];
  await run("npm", [...args, ...(await packing)], { cwd: folder, shell });
  await run(process.execPath, recipe.build, { cwd: folder }).catch(({ stdout, stderr }: Failure) => {
    throw new Error(`the recipe of ${recipe.name} does not build:\n${stdout}\n${stderr}`);
  });
  return serve(join(folder, recipe.server), variables);
}

interface Failure {
  readonly stdout: string;
  readonly stderr: string;
}

function codeOf({ heading }: Recipe): Record<string, string> {
  const text = readDocuments().find(({ path }) => path === DOCUMENT)?.text ?? "";
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const titled = codeBlocks({ path: DOCUMENT, text: section }).flatMap(({ title, code }) =>
    title === undefined ? [] : [[title, code] as const],
  );
  if (titled.length === 0) throw new Error(`${DOCUMENT} has no files below "${heading}"`);
  return Object.fromEntries(titled);
}

async function serve(program: string, variables: Record<string, string>): Promise<string> {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const env = { PATH: process.env.PATH, NODE_ENV: "production", HOST: "127.0.0.1", PORT: port, ...variables };
  const child = spawn(process.execPath, [program], { env, stdio: ["ignore", "pipe", "pipe"] });
  const log = createLogCollector();
  child.stdout.pipe(log.stream, { end: false });
  child.stderr.pipe(log.stream, { end: false });
  const exit = once(child, "exit");
  stopAfterFile(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  for (
    const deadline = Date.now() + START_LIMIT_MS;
    Date.now() < deadline && child.exitCode === null;
    await sleep(50)
  ) {
    if (await fetch(url).catch(() => undefined)) return url;
  }
  throw new Error(`${program} did not start. It wrote:\n${log.text()}`);
}
