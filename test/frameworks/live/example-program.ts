import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../harness/free-port.ts";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { PROGRAM_ENV } from "../../harness/program-env.ts";
import type { TestSidecar } from "../../harness/test-sidecar.ts";
import { codeBlocks, ROOT, readDocuments } from "../../product/docs/code-blocks.ts";

export interface ExampleProgram {
  readonly url: string;
  /** Also done at the end of the test file. */
  stop(): Promise<void>;
}

/** Runs a program of docs/live.md as it stands there, as a process. */
export async function startExample(title: string, sidecar: TestSidecar): Promise<ExampleProgram> {
  const example = readDocuments()
    .filter(({ path }) => path === "docs/live.md")
    .flatMap(codeBlocks)
    .find((block) => block.title === title);
  if (!example) throw new Error(`docs/live.md has no example ${title}`);
  const folder = join(ROOT, "test", "output-live");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, title), example.code);
  const port = await freePort();
  const connection = { BYO_URL: sidecar.url, BYO_INTEGRATION_KEY: sidecar.integrationKey };
  const child = spawn(process.execPath, ["--conditions=@byo-session/source", join(folder, title)], {
    env: { ...PROGRAM_ENV, PORT: String(port), ...connection },
    stdio: ["ignore", "inherit", "inherit"],
  });
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      hasEnded = true;
      resolve();
    });
  });
  const stop = stopAfterFile(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(url).catch(() => undefined))) {
    if (hasEnded) throw new Error(`${title} has ended by itself`);
    await sleep(50);
  }
  return { url, stop };
}
