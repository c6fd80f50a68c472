import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resetOwner } from "../../../../sidecar/src/dashboard/users/owner.ts";
import { openPostgres } from "../../../../sidecar/src/engine/db/postgres.ts";
import { createTestDatabase } from "../../../harness/test-database.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { dumpDatabase } from "../../../proofs/security/database-dump.ts";
import { createDashboardClient, newPassword, OWNER, TEMPORARY } from "./dashboard-client.ts";

const ORIGIN = "https://sessions.example.com";
const FROM_ELSEWHERE = { host: "sessions.example.com" };
const RANDOM = /^([a-z2-9]{4}-){4}[a-z2-9]{4}$/;

/** Starts with an owner to be made, and a folder for what is written. */
async function start(env: Record<string, string> = {}, database = createTestDatabase()) {
  const dataDir = env.DATA_DIR ?? (await mkdtemp(join(tmpdir(), "byo-first-")));
  const all = { INITIAL_OWNER_USERNAME: OWNER, DATA_DIR: dataDir, ...env };
  const sidecar = await startTestSidecar({ database: await database, env: all });
  const path = join(dataDir, "owner-password");
  const written = () => readFile(path, "utf8").catch(() => undefined);
  return { sidecar, dataDir, path, written };
}

async function logIn(sidecar: TestSidecar, password: string, headers = {}) {
  const client = createDashboardClient(sidecar.dashboardUrl);
  return { client, ...(await client.call("access/login", { username: OWNER, password }, headers)) };
}

describe("the first password is the built-in one", () => {
  it.each([
    ["on loopback", {}],
    ["where the port is said to be published on loopback", { HOST: "0.0.0.0", PUBLISHED_ON_LOOPBACK: "on" }],
  ])("%s", async (_name, env) => {
    const { sidecar, written } = await start(env);
    expect((await logIn(sidecar, TEMPORARY)).status).toBe(200);
    expect(await written()).toBe(undefined);
  });
});

describe("the first password is a random one", () => {
  it.each([
    ["where every address is listened on", { HOST: "0.0.0.0" }],
    ["where people open it from elsewhere", { DASHBOARD_ORIGIN: ORIGIN }],
    ["where its own port is for others", { DASHBOARD_PORT: "0", DASHBOARD_HOST: "0.0.0.0" }],
    ["where the environment names the built-in one", { HOST: "0.0.0.0", INITIAL_OWNER_PASSWORD: TEMPORARY }],
    ["where only another replica has a dashboard", { HOST: "0.0.0.0", DASHBOARD: "off" }],
  ])("%s", async (_name, env) => {
    const { sidecar, path, written } = await start(env);
    const password = (await written())?.trim() ?? "";
    expect(password).toMatch(RANDOM);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(sidecar.logText()).toContain(path);
    expect(sidecar.logText()).not.toContain(password);
    if ("DASHBOARD" in env) return;
    expect((await logIn(sidecar, TEMPORARY)).status).toBe(401);
    const { client, body } = await logIn(sidecar, password);
    expect(body).toMatchObject({ me: { username: OWNER, mustChangePassword: true } });
    const input = { currentPassword: password, newPassword: newPassword() };
    expect((await client.call("access/change-password", input)).status).toBe(200);
    expect((await dumpDatabase(sidecar)).text).not.toContain(password);
  });

  it("which is another one on each installation, in a folder that nobody else reads and git leaves out", async () => {
    const parent = await mkdtemp(join(tmpdir(), "byo-first-"));
    const folders = ["one", "two"].map((name) => join(parent, name));
    const passwords = [];
    for (const DATA_DIR of folders) {
      passwords.push(await (await start({ HOST: "0.0.0.0", DATA_DIR })).written());
      expect((await stat(DATA_DIR)).mode & 0o777).toBe(0o700);
      expect(await readFile(join(DATA_DIR, ".gitignore"), "utf8")).toBe("*\n");
    }
    expect(new Set(passwords).size).toBe(2);
  });

  it("which a later start leaves alone, with its file", async () => {
    const database = await createTestDatabase();
    const first = await start({ HOST: "0.0.0.0" }, Promise.resolve(database));
    const password = (await first.written()) ?? "";
    await first.sidecar.stop();
    const laterOnes: Record<string, string>[] = [{ HOST: "0.0.0.0" }, {}, { INITIAL_OWNER_PASSWORD: newPassword() }];
    for (const env of laterOnes) {
      const again = await start({ ...env, DATA_DIR: first.dataDir }, Promise.resolve(database));
      expect(await again.written()).toBe(password);
      expect((await logIn(again.sidecar, TEMPORARY)).status).toBe(401);
      expect((await logIn(again.sidecar, password.trim())).status).toBe(200);
      await again.sidecar.stop();
    }
    const elsewhere = await start({ HOST: "0.0.0.0" }, Promise.resolve(database));
    expect(await elsewhere.written()).toBe(undefined);
  });

  it("which only the one of several replicas writes that made the owner", async () => {
    const database = createTestDatabase();
    const replicas = await Promise.all([1, 2, 3].map(() => start({ HOST: "0.0.0.0" }, database)));
    const written = (await Promise.all(replicas.map(({ written }) => written()))).filter((text) => text !== undefined);
    expect(written).toHaveLength(1);
    for (const { sidecar } of replicas) expect((await logIn(sidecar, written[0]?.trim() ?? "")).status).toBe(200);
  });

  it("which nobody knows where no file can be written: byo owner reset gives one", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "byo-first-")), "a-file");
    await writeFile(file, "");
    const { sidecar } = await start({ HOST: "0.0.0.0", DATA_DIR: join(file, "below") });
    expect(sidecar.logs()).toContainEqual(
      expect.objectContaining({ level: 40, msg: expect.stringMatching(/could not be written.*byo owner reset/) }),
    );
    expect((await logIn(sidecar, TEMPORARY)).status).toBe(401);
    const db = openPostgres({ connectionString: sidecar.database.env.DATABASE_URL ?? "" });
    const { password } = await resetOwner(db);
    await db.close();
    expect((await logIn(sidecar, password)).status).toBe(200);
  });
});

describe("the built-in password of an owner who exists", () => {
  it("counts from this machine only, whatever the settings are by now", async () => {
    const database = await createTestDatabase();
    const first = await start({}, Promise.resolve(database));
    await first.sidecar.stop();
    const { sidecar } = await start({ DASHBOARD_ORIGIN: ORIGIN }, Promise.resolve(database));
    const wrong = await logIn(sidecar, "another password", FROM_ELSEWHERE);
    const refused = await logIn(sidecar, TEMPORARY, FROM_ELSEWHERE);
    expect([refused.status, refused.text]).toEqual([401, wrong.text]);

    const { client, status } = await logIn(sidecar, TEMPORARY);
    expect(status).toBe(200);
    const change = { currentPassword: TEMPORARY, newPassword: newPassword() };
    expect((await client.call("access/change-password", change, FROM_ELSEWHERE)).status).toBe(401);
    expect((await client.call("access/change-password", change)).status).toBe(200);
    const { items } = await client.get("log/list", { event: "DashboardLoginRefused" });
    expect(items.map(({ reason }) => reason)).toContain("BuiltInPassword");
    expect((await logIn(sidecar, change.newPassword, FROM_ELSEWHERE)).status).toBe(200);
  });
});
