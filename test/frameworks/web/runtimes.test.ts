import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { CHROME_ON_LINUX, createBrowserClient } from "../../harness/browser-client.ts";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { HAS_PROGRAMS, registryProgram } from "../../harness/registry-program.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { COOKIE, ours, UNTIL_ROTATION_SECS } from "../conformance/case.ts";

interface Runtime {
  readonly name: string;
  readonly version: string;
  /** The package that holds the program, and where. */
  readonly package: string;
  readonly program: string;
  /** What runs the app. */
  readonly args: readonly string[];
}

const SOURCES = "--conditions=@byo-session/source";
const RUNTIMES: readonly Runtime[] = [
  {
    name: "Deno",
    version: "2.9.6",
    package: "@deno/linux-x64-glibc",
    program: "deno",
    args: ["run", "--no-remote", "--node-modules-dir=manual", SOURCES]
      .concat("--allow-net=127.0.0.1", "--allow-env", "--allow-read")
      .concat("deno-app.mjs"),
  },
  {
    name: "Bun",
    version: "1.4.5",
    package: "@oven/bun-linux-x64",
    program: "bin/bun",
    args: ["run", "--no-install", SOURCES, "bun-app.mjs"],
  },
];

describe.runIf(HAS_PROGRAMS).each(RUNTIMES)("Hono on $name $version", (runtime) => {
  let sidecar: TestSidecar;
  let url: string;
  beforeAll(async () => {
    const { package: name, version, program } = runtime;
    const path = await registryProgram(
      `${runtime.name.toLowerCase()}-${version}`,
      `${name}@${version}`,
      `${name}/${program}`,
    );
    sidecar = await startTestSidecar({ env: { ENCRYPTION_KEY: randomBytes(32).toString("base64") } });
    url = await startApp(path, runtime.args, sidecar);
  }, 120_000);

  it("guards, logs in, rotates and logs out", async () => {
    const browser = createBrowserClient(url);
    expect((await browser.fetch("/me")).json()).toEqual({ errorType: "Unauthorized", reason: "NoSession" });
    expect((await browser.fetch("/login", { json: { userId: "ada" } })).status).toBe(200);
    const before = await browser.cookie(COOKIE);
    await sidecar.advance(UNTIL_ROTATION_SECS);
    const rotating = await browser.fetch("/redirect");
    expect([rotating.status, ours(rotating).length, rotating.headers["cache-control"]]).toEqual([
      302,
      1,
      "private, no-store",
    ]);
    expect(await browser.cookie(COOKIE)).not.toBe(before);
    expect((await browser.fetch("/me")).json()).toMatchObject({ userId: "ada" });
    expect((await browser.fetch("/session/list")).json()).toMatchObject({ sessions: [{ ipAddress: "127.0.0.1" }] });
    expect((await browser.fetch("/session/logout", { method: "POST" })).status).toBe(204);
    expect((await browser.fetch("/list")).json()).toEqual({ errorType: "Unauthorized", reason: "NoSession" });
    const forged = await browser.fetch("/login", { json: { userId: "ada" }, site: "cross-site" });
    expect([forged.status, forged.json()]).toEqual([403, { errorType: "Forbidden", reason: "CrossOrigin" }]);
  });

  it("leaves no session for a client that goes before the answer", async () => {
    const count = async () => (await sidecar.run("FetchAllSessionsForUser", { userId: "left early" })).sessions.length;
    const sent = request(`${url}/login-and-wait`, { method: "POST" });
    sent.on("error", () => {});
    sent.end();
    await expect.poll(count).toBe(1);
    sent.destroy();
    await expect.poll(count).toBe(0);
  });

  it("verifies stateless tokens with the keys that the sidecar publishes", async () => {
    const browser = createBrowserClient(url);
    const { statelessToken, expiresAt } = await sidecar.run("CreateStatelessToken", { userId: "ada" });
    const shown = async (token: string) => (await browser.fetch(`/reports?token=${token}`)).json();
    expect(await shown(statelessToken)).toMatchObject({ userId: "ada", expiresAt });
    expect(await shown(statelessToken.slice(0, -9))).toEqual({ code: "ERR_STATELESS_TOKEN_INVALID" });
  });

  it("opens a WebSocket, also where the session has ended and its cookie would be cleared", async () => {
    const browser = createBrowserClient(url);
    await browser.fetch("/login", { json: { userId: "ada" } });
    const headers = { cookie: `${COOKIE}=${await browser.cookie(COOKIE)}`, "user-agent": CHROME_ON_LINUX };
    await sidecar.run("InvalidateAllSessionsForUser", { userId: "ada" });
    expect(await openSocket(`${url}/socket`, headers)).toBe("null");
  });
});

async function startApp(
  program: string,
  args: readonly string[],
  { url, integrationKey }: TestSidecar,
): Promise<string> {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const app = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, BYO_URL: url, BYO_INTEGRATION_KEY: integrationKey, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  stopAfterFile(() => stop(app));
  for await (const line of createInterface({ input: app.stdout })) {
    const [, port] = /^port (\d+)$/.exec(line) ?? [];
    if (port !== undefined) return `http://127.0.0.1:${port}`;
  }
  throw new Error("the app has ended before it listened");
}

async function stop(app: ChildProcess): Promise<void> {
  if (app.exitCode !== null) return;
  const ended = once(app, "exit");
  app.kill();
  await ended;
}

/** The first message. */
async function openSocket(url: string, headers: Record<string, string>): Promise<unknown> {
  const { WebSocket } = await import("undici");
  const socket = new WebSocket(url.replace("http", "ws"), { headers });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  socket.addEventListener("message", ({ data }) => resolve(data));
  socket.addEventListener("error", () => reject(new Error("the socket was refused")));
  return promise.finally(() => socket.close());
}
