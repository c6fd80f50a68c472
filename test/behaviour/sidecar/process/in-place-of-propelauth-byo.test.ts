import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request } from "undici";
import { beforeAll, describe, expect, it } from "vitest";
import { IMAGE_ENVIRONMENT, readRepositoryFile, servicesIn } from "../../../harness/compose-file.ts";
import { createDeviceKey } from "../../../harness/device-key.ts";
import { launchSidecar, type SpawnedSidecar, spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { createDashboardClient, newPassword, TEMPORARY } from "../../dashboard/api/dashboard-client.ts";
import { outsideAddress } from "../../dashboard/api/ways-in.ts";

const THEIRS = servicesIn(readRepositoryFile("test/behaviour/sidecar/process/propelauth-byo/compose.yaml"));
const [, OURS = ""] = /```yaml\n([^`]+)```/.exec(readRepositoryFile("docs/propelauth-byo.md")) ?? [];
const OVERRIDE = servicesIn(OURS);

/** How a browser on the host calls the published port. */
const AS_A_BROWSER = { host: "localhost:2884" };
const BROWSER = { userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" };
const OFFICE = { ...BROWSER, ipAddress: "203.0.113.7" };
const AT_HOME = { ...BROWSER, ipAddress: "198.51.100.9" };
const PAGE = { requestUrl: "http://localhost:5000/", requestMethod: "GET" };

/** Runs the container's process: the image's and the service's variables, and a root folder with what is mounted. */
async function startContainer(
  environment: Readonly<Record<string, string>>,
  start: typeof spawnTestSidecar = spawnTestSidecar,
) {
  const root = await mkdtemp(join(tmpdir(), "byo-root-"));
  const { DATABASE_URL: _its, PORT: _inside, ...env } = { ...IMAGE_ENVIRONMENT, ...environment };
  const [mount = ""] = THEIRS.byo?.volumes ?? [];
  expect(mount.split(":")[1]).toBe(env.CONFIG_DIR);
  const configs = join(root, env.CONFIG_DIR ?? "");
  await mkdir(configs, { recursive: true });
  await mkdir(join(root, env.DATA_DIR ?? ""));
  await writeFile(join(configs, "session_config.jsonc"), `{ "defaults": {} } // as in their template\n`);
  await writeFile(join(configs, "passkey_config.jsonc"), "{ /* of a feature that we do not have */ }");
  const folders = { CONFIG_DIR: configs, DATA_DIR: join(root, env.DATA_DIR ?? "") };
  const sidecar = await start({ env: { ...env, ...folders, INITIAL_INTEGRATION_KEY: undefined } });
  // Requests through a container's port never come from loopback.
  const outside = `http://${outsideAddress("IPv4")}:${new URL(sidecar.url).port}`;
  return { sidecar, configs, dataDir: folders.DATA_DIR, outside };
}

async function run(outside: string, key: string, command: string, data: object = {}) {
  const answer = await request(`${outside}/run-command`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ command, data }),
  });
  const body = (await answer.body.json()) as Record<string, unknown>;
  return { status: answer.statusCode, body };
}

describe("the image in a compose file of theirs that says nothing more", () => {
  let sidecar: SpawnedSidecar;
  let outside: string;
  let dataDir: string;
  beforeAll(async () => {
    ({ sidecar, outside, dataDir } = await startContainer(THEIRS.byo?.environment ?? {}));
  });

  it("opens the dashboard and the metrics to nobody, and says how they would be opened", async () => {
    const page = await request(`${outside}/`, { headers: AS_A_BROWSER });
    expect([page.statusCode, await page.body.text()]).toEqual([
      421,
      expect.stringContaining("PUBLISHED_ON_LOOPBACK=on"),
    ]);
    const login = await createDashboardClient(outside).call(
      "access/login",
      { username: "owner", password: TEMPORARY },
      AS_A_BROWSER,
    );
    expect(login.status).toBe(421);
    const metrics = await request(`${outside}/metrics`, { headers: AS_A_BROWSER });
    expect(metrics.statusCode).toBe(401);
    await metrics.body.dump();
    expect(sidecar.logText()).toContain("set PUBLISHED_ON_LOOPBACK=on if its port is published on 127.0.0.1 only");
  });

  it("accepts no command without a key, which it says", async () => {
    for (const key of ["", "api_", "a-license-of-theirs", `api_${"0".repeat(40)}`]) {
      expect((await run(outside, key, "Ping")).status).toBe(401);
    }
    expect(sidecar.logText()).toContain("there is no integration key, so every command is refused");
  });

  it("gives the owner a random password, in a file of its own", async () => {
    const password = (await readFile(join(dataDir, "owner-password"), "utf8")).trim();
    expect(password).not.toBe(TEMPORARY);
    const local = createDashboardClient(sidecar.dashboardUrl);
    expect((await local.logIn("owner", TEMPORARY)).status).toBe(401);
    expect((await local.logIn("owner", password)).status).toBe(200);
  });

  it("does not start without an owner either, because nobody could ever call it", async () => {
    const { INITIAL_OWNER_USERNAME: _left, ...rest } = THEIRS.byo?.environment ?? {};
    const { sidecar: refused } = await startContainer({ ...rest, HOST: "203.0.113.1" }, launchSidecar);
    expect(await refused.ended).toEqual({ code: 78, signal: null });
    expect(refused.logText()).toContain("Or set INITIAL_OWNER_USERNAME");
  });
});

/** Each step goes on where the last one has stopped. */
describe("the first five minutes, with our file next to theirs", () => {
  let container: Awaited<ReturnType<typeof startContainer>>;
  let key = "";
  let token = "";
  const firefox = createDeviceKey();

  const command = (name: string, data: object = {}) => run(container.outside, key, name, data);
  const validate = (more: object) => command("ValidateSession", { sessionToken: token, ...more });

  async function proof() {
    const { body } = await command("CreateDeviceChallenge", OFFICE);
    const signed = { challenge: String(body.deviceChallenge), url: PAGE.requestUrl, method: PAGE.requestMethod };
    return { signedDeviceChallenge: firefox.prove(signed), ...PAGE };
  }

  it("1. starts, published on loopback and told so", async () => {
    const [theirs, ours] = [THEIRS.byo, OVERRIDE.byo];
    expect(ours?.ports).toEqual(["127.0.0.1:2884:2884"]);
    expect(OURS).toContain("ports: !override");
    container = await startContainer({ ...theirs?.environment, ...ours?.environment });
    expect(container.sidecar.logText()).toContain("passkey_config.jsonc");
  });

  it("2. has a dashboard at http://localhost:2884, for the owner with the first password", async () => {
    const page = await request(`${container.outside}/`, { headers: { ...AS_A_BROWSER, accept: "text/html" } });
    expect(page.statusCode).toBe(200);
    await page.body.dump();
    const elsewhere = await request(`${container.outside}/`, { headers: { host: "evil.example:2884" } });
    expect(elsewhere.statusCode).toBe(421);
    await elsewhere.body.dump();
  });

  it("3. lets the owner choose a password and make the first key", async () => {
    const owner = createDashboardClient(container.outside);
    const call = (...[name, input]: Parameters<typeof owner.call>) => owner.call(name, input, AS_A_BROWSER);
    const password = newPassword();
    expect((await call("access/login", { username: "owner", password: TEMPORARY })).status).toBe(200);
    expect((await call("settings/create-integration-key", { name: "too early" })).status).toBe(403);
    const change = { currentPassword: TEMPORARY, newPassword: password };
    expect((await call("access/change-password", change)).status).toBe(200);
    expect((await call("access/confirm-password", { password })).status).toBe(200);
    const made = await call("settings/create-integration-key", { name: "flask" });
    expect(made).toMatchObject({ status: 200, body: { key: expect.stringMatching(/^api_/) } });
    key = String(made.body.key);
  });

  it("4. accepts that key", async () => {
    await expect.poll(async () => (await command("Ping")).status).toBe(200);
  });

  it("5. makes a session at a login, and knows it again", async () => {
    const login = { userId: "ada", tags: ["org:bigco"], ...OFFICE };
    const { status, body } = await command("CreateSession", login);
    expect(status).toBe(200);
    token = String(body.sessionToken);
    expect(await validate(OFFICE)).toMatchObject({ status: 200, body: { userId: "ada", tags: ["org:bigco"] } });
    expect((await validate({ ...OFFICE, sessionToken: "unknown" })).status).toBe(401);
    expect((await validate({})).status).toBe(403);
  });

  it("6. rotates the token, and both work until the browser has the new one", async () => {
    await container.sidecar.advance(3700);
    const { body } = await command("ValidateAndRefreshSession", { sessionToken: token, ...OFFICE });
    const successor = String(body.newSessionToken);
    expect((await validate(OFFICE)).status).toBe(200);
    token = successor;
    expect((await validate(OFFICE)).status).toBe(200);
  });

  it("7. binds a session to its device", async () => {
    token = String(
      (await command("CreateSession", { userId: "ada", tags: ["org:bigco"], ...OFFICE })).body.sessionToken,
    );
    const registration = { sessionToken: token, rememberDevice: true, ...OFFICE, ...(await proof()) };
    expect(await command("RegisterDevice", registration)).toEqual({ status: 200, body: { newDeviceDetected: true } });
    expect(await validate(OFFICE)).toMatchObject({ status: 401, body: { type: "DeviceVerificationRequired" } });
    const proved = await validate({ ...OFFICE, deviceVerification: await proof() });
    expect(proved).toMatchObject({ status: 200, body: { hasDeviceRegistered: true } });
  });

  it("8. follows a rule for a tag that is written into their folder, and ends sessions", async () => {
    const plain = await command("CreateSession", { userId: "bob", tags: ["org:bigco"], ...AT_HOME });
    const homely = { sessionToken: plain.body.sessionToken, ...AT_HOME };
    expect((await command("ValidateSession", homely)).status).toBe(200);
    await writeFile(
      join(container.configs, "session_config.jsonc"),
      `{ "tags": [{ "tag": "org:bigco", "ip_allowlist": ["203.0.113.0/24"] }] } // from the office only`,
    );
    await expect
      .poll(async () => (await command("ValidateSession", homely)).body)
      .toMatchObject({ type: "IpAddressError" });
    expect((await validate({ ...OFFICE, deviceVerification: await proof() })).status).toBe(200);
    expect((await command("InvalidateSessionByToken", { sessionToken: token })).status).toBe(200);
    expect(await validate(OFFICE)).toMatchObject({ status: 401, body: { details: "LoggedOut" } });
  });
});
