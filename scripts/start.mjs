// `npm start`: the sidecar with its embedded database, and the example app in front of it.
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { forwardSignals, ROOT, runNode, spawnNode, stopAll } from "./processes.mjs";

const SIDECAR = "sidecar/src/main.ts";
const EXAMPLE = "examples/express";
// Not the folder of `npm run sidecar`: a database that was used with a configuration file does not start without one.
const DATA_DIR = join(ROOT, ".byo", "example");
const START_LIMIT_MS = 60_000;
const OWNER = process.env.INITIAL_OWNER_USERNAME ?? "owner";

export async function startSidecar(args) {
  return runNode([SIDECAR, ...args]);
}

export async function startExample() {
  const { SIDECAR_PORT = "2884", APP_PORT = "3000", LOG_LEVEL = "error" } = process.env;
  await expectFree("SIDECAR_PORT", SIDECAR_PORT);
  await expectFree("APP_PORT", APP_PORT);

  const dataDir = resolve(process.env.DATA_DIR ?? DATA_DIR);
  const configDir = resolve(process.env.CONFIG_DIR ?? join(ROOT, EXAMPLE, "configs"));
  const sidecarUrl = `http://127.0.0.1:${SIDECAR_PORT}`;
  const appUrl = `http://localhost:${APP_PORT}`;
  const children = [];
  let stopping;
  const stop = () => {
    stopping ??= stopAll(children);
    return stopping;
  };
  const stopForwarding = forwardSignals(stop);
  const launch = (name, file, variables) => {
    const child = spawnNode([file], { env: { ...process.env, ...variables } });
    children.push(child);
    return { name, file, exit: once(child, "exit") };
  };

  console.log("Starting the sidecar; the first time it creates its database, which takes a few seconds.");
  const sidecar = launch("The sidecar", SIDECAR, {
    PORT: SIDECAR_PORT,
    DATA_DIR: dataDir,
    CONFIG_DIR: configDir,
    LOG_LEVEL,
    INITIAL_OWNER_USERNAME: OWNER,
  });
  let failed;
  try {
    await answering(sidecar, `${sidecarUrl}/readyz`, () => stopping);
    const key =
      process.env.INITIAL_INTEGRATION_KEY ?? (await readFile(join(dataDir, "integration-key"), "utf8")).trim();
    const app = launch("The example", `${EXAMPLE}/src/server.ts`, {
      PORT: APP_PORT,
      BYO_URL: sidecarUrl,
      BYO_INTEGRATION_KEY: key,
    });
    await answering(app, `http://127.0.0.1:${APP_PORT}`, () => stopping);
    printWhatToTry(appUrl, sidecarUrl, firstPassword(dataDir));
    const first = await Promise.race([sidecar, app].map(async ({ name, exit }) => ({ name, code: (await exit)[0] })));
    if (!stopping) failed = `${first.name} ended with code ${first.code}, see above.`;
  } catch (error) {
    if (!stopping) failed = error.message;
  }
  const endedWell = await stop();
  stopForwarding();
  if (failed) throw new Error(failed);
  return endedWell;
}

async function expectFree(variable, port) {
  const server = createServer();
  const taken = await Promise.race([
    once(server.listen(Number(port), "127.0.0.1"), "listening").then(() => false),
    once(server, "error").then(() => true),
  ]).catch(() => true);
  if (taken) throw new Error(`Port ${port} is in use. Choose another one: ${variable}=${Number(port) + 1} npm start`);
  await new Promise((closed) => server.close(closed));
}

async function answering({ name, exit }, url, isStopping) {
  let ended;
  exit.then(([code]) => {
    ended = code ?? "a signal";
  });
  for (const deadline = Date.now() + START_LIMIT_MS; ; await sleep(100)) {
    if (isStopping()) throw new Error("stopped");
    if (ended !== undefined) throw new Error(`${name} ended with code ${ended} before it answered, see above.`);
    if (Date.now() > deadline) throw new Error(`${name} did not answer at ${url} within ${START_LIMIT_MS / 1000} s.`);
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
  }
}

/** The sidecar's initial password, which only lets you choose another one. */
function firstPassword(dataDir) {
  const file = join(dataDir, "owner-password");
  if (existsSync(file)) return `in ${file}`;
  return process.env.INITIAL_OWNER_PASSWORD === undefined ? "thispasswordistemporary" : "that you have set";
}

function printWhatToTry(appUrl, sidecarUrl, password) {
  console.log(`
  The example app   ${appUrl}
  The sidecar       ${sidecarUrl}  (metrics: ${sidecarUrl}/metrics)
  Its dashboard     ${sidecarUrl}/  (the first time: ${OWNER} with the password ${password}, within an hour)

  Try this:
    1. Log in at ${appUrl} with any name, and open "Your account".
    2. Reload it now and then: the token is replaced every 30 seconds, and you stay logged in.
    3. Log in under the same name in another browser or a private window. "My sessions" lists both: log the other one
       out, reload it there, and it is told why.
    4. Log in once more with "Bind the session" ticked: on "Your account", ask for the data with the proof and with the
       cookie alone.
    5. Delete the cookie "__Host-byo-device" in the browser's developer tools, as its end would after ten minutes, and
       reload: a page proves your device, and the one you wanted follows.
    6. Open the dashboard and find out, from the name alone, why the session of step 3 ended.

  What the sidecar writes to its audit trail appears below. Ctrl-C stops both.
`);
}
