import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { freePort } from "../../harness/free-port.ts";
import { stopAfterFile, stopLeftovers } from "../../harness/leftovers.ts";
import { createLogCollector } from "../../harness/log-lines.ts";

const SCRIPT = fileURLToPath(new URL("../../../scripts/run.mjs", import.meta.url));

afterAll(stopLeftovers);

/** Runs `npm start`, or the script behind it, as a person would but for the ports and the folder of the data. */
async function npmStart(ports: { sidecar?: number; app?: number } = {}, command = [process.execPath, SCRIPT, "start"]) {
  const dataDir = await mkdtemp(join(tmpdir(), "byo-start-"));
  const sidecarPort = ports.sidecar ?? (await freePort());
  const appPort = ports.app ?? (await freePort());
  const env = { ...process.env, DATA_DIR: dataDir, SIDECAR_PORT: String(sidecarPort), APP_PORT: String(appPort) };
  const [program = "", ...args] = command;
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const log = createLogCollector();
  child.stdout.pipe(log.stream, { end: false });
  child.stderr.pipe(log.stream, { end: false });
  const ended = once(child, "exit").then(([code]: (number | null)[]) => code);
  const stop = stopAfterFile(async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  });
  return {
    child,
    ended,
    stop,
    output: log.text,
    app: `http://127.0.0.1:${appPort}`,
    sidecar: `http://127.0.0.1:${sidecarPort}`,
  };
}

async function isAnswering(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined);
  return answer?.ok === true;
}

async function untilStarted({ child, output }: Awaited<ReturnType<typeof npmStart>>): Promise<void> {
  for (const deadline = Date.now() + 60_000; !output().includes("Ctrl-C stops both"); await sleep(100)) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(output());
  }
}

describe("npm start", { timeout: 90_000 }, () => {
  it("runs the sidecar and the example, and stops both when told to", async () => {
    const started = await npmStart();
    await untilStarted(started);
    expect(await isAnswering(started.app)).toBe(true);
    expect(await isAnswering(`${started.sidecar}/readyz`)).toBe(true);
    expect(started.output()).not.toContain("api_");

    started.child.kill("SIGINT");
    expect(await started.ended).toBe(0);
    expect(await isAnswering(started.app)).toBe(false);
    expect(await isAnswering(`${started.sidecar}/readyz`)).toBe(false);
  });

  it("leaves nothing running when npm is ended, which tells nobody", async () => {
    const started = await npmStart({}, ["npm", "start"]);
    await untilStarted(started);
    started.child.kill("SIGTERM");
    await started.ended;
    const isRunning = async () => (await isAnswering(started.app)) || (await isAnswering(`${started.sidecar}/readyz`));
    for (const deadline = Date.now() + 15_000; Date.now() < deadline && (await isRunning()); ) await sleep(200);
    expect(await isRunning()).toBe(false);
  });

  it("names the variable to change when a port is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const blocked = await npmStart({ app: port });
    expect(await blocked.ended).toBe(1);
    expect(blocked.output()).toContain(`Port ${port} is in use. Choose another one: APP_PORT=${port + 1} npm start`);
    taken.close();
  });
});
