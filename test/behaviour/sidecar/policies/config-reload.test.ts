import { beforeAll, describe, expect, it, vi } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { type ConfigFolder, createConfigFolder } from "../config-folder.ts";
import { invalid, logIn, validate } from "../login.ts";

const FILE = "session_config.jsonc";
/** The files are looked at every second. */
const SOON = { timeout: 5000, interval: 100 };

let folder: ConfigFolder;
let sidecar: TestSidecar;

beforeAll(async () => {
  folder = await createConfigFolder({ [FILE]: { defaults: { absolute_lifetime_secs: 10_000 } } });
  sidecar = await startTestSidecar({ env: folder.env });
});

function errors(): string[] {
  return sidecar
    .logs()
    .filter(({ level }) => Number(level) >= 50)
    .map(({ msg }) => String(msg));
}

function changes(): number {
  return sidecar.logs().filter(({ event }) => event === "ConfigChanged").length;
}

/** Writes the file and waits until it holds. */
async function change(content: object | string): Promise<void> {
  const before = changes();
  await folder.write(FILE, content);
  await vi.waitFor(() => expect(changes()).toBe(before + 1), SOON);
}

describe("a change of the session policies while the sidecar runs", () => {
  it("is in the log and in the audit trail", async () => {
    await change({ defaults: { absolute_lifetime_secs: 9000 } });
    const [row] = await sidecar.sql("SELECT actor, details FROM byo.audit_events WHERE event = 'ConfigChanged'");
    expect(row).toEqual({ actor: "system", details: { files: [FILE] } });
    expect(sidecar.logText()).toContain("configuration files have changed; the new settings are in force");
  });

  it("ends sessions that have outlived a shorter life", async () => {
    await change({ defaults: { absolute_lifetime_secs: 8000 } });
    const old = await logIn(sidecar);
    await sidecar.advance(2000);
    const young = await logIn(sidecar);
    expect(await validate(sidecar, old.token)).toMatchObject({ status: 200, body: { expiresAt: old.expiresAt } });
    await change({ defaults: { absolute_lifetime_secs: 1000 } });
    expect(await validate(sidecar, old.token)).toEqual(invalid("Expired"));
    expect(await validate(sidecar, young.token)).toMatchObject({
      status: 200,
      body: { expiresAt: young.expiresAt - 7000 },
    });
  });

  it("gives a longer life to new sessions only", async () => {
    const old = await logIn(sidecar);
    await change({ defaults: { absolute_lifetime_secs: 5000 } });
    const young = await logIn(sidecar);
    expect(young.expiresAt - old.expiresAt).toBeGreaterThanOrEqual(4000);
    expect(await validate(sidecar, old.token)).toMatchObject({ body: { expiresAt: old.expiresAt } });
    await sidecar.advance(1000);
    expect(await validate(sidecar, old.token)).toEqual(invalid("Expired"));
    expect(await validate(sidecar, young.token)).toMatchObject({ status: 200 });
  });

  it("lets nobody in from where a new allowlist does not", async () => {
    const { token } = await logIn(sidecar, { ipAddress: "203.0.113.9" });
    await change({ defaults: { ip_allowlist: ["198.51.100.0/24"] } });
    expect(await validate(sidecar, token, { ipAddress: "203.0.113.9" })).toMatchObject({
      status: 403,
      body: { details: "NotAllowed" },
    });
    await change({});
    expect(await validate(sidecar, token, { ipAddress: "203.0.113.9" })).toMatchObject({ status: 200 });
  });

  it("ends sessions that were not used for longer than a new timeout", async () => {
    const used = await logIn(sidecar);
    const unused = await logIn(sidecar);
    await sidecar.advance(900);
    await validate(sidecar, used.token);
    await sidecar.advance(300);
    await change({ defaults: { inactivity_timeout_secs: 600 } });
    expect(await validate(sidecar, unused.token)).toEqual(invalid("Inactive"));
    expect(await validate(sidecar, used.token)).toMatchObject({ status: 200 });
  });

  it("lowers a limit at the next login, not before", async () => {
    await change({});
    const sessions = [];
    for (let index = 0; index < 4; index++) sessions.push(await logIn(sidecar, { userId: "ada" }));
    await change({ defaults: { max_concurrent_sessions_per_user: 2 } });
    const list = async () => (await sidecar.run("FetchAllSessionsForUser", { userId: "ada" })).sessions;
    expect(await list()).toHaveLength(4);
    const fresh = await logIn(sidecar, { userId: "ada" });
    expect(await list()).toMatchObject([{ sessionId: fresh.sessionId }, { sessionId: sessions[3]?.sessionId }]);
  });

  it("warns of what is unwise, and holds", async () => {
    await change({ defaults: { rotation_interval_secs: 100 } });
    expect(sidecar.logText()).toContain("a rotation every 100 s is frequent; use 300 s or more");
    const { token } = await logIn(sidecar);
    await sidecar.advance(101);
    const answer = await sidecar.run("ValidateAndRefreshSession", { sessionToken: token });
    expect(answer.newSessionToken).toContain(".00000002.");
  });
});

describe("a file that cannot be used while the sidecar runs", () => {
  const POLICY = { defaults: { absolute_lifetime_secs: 1234 } };

  async function policyStillHolds(): Promise<void> {
    const { token, expiresAt } = await logIn(sidecar);
    expect(expiresAt - Number((await validate(sidecar, token)).body.createdAt)).toBe(1234);
    expect(await sidecar.get("/readyz")).toMatchObject({ status: 200 });
  }

  it.each([
    ["broken", '{\n  "defaults": {\n    "absolute_lifetime_secs": 1\n', "session_config.jsonc line"],
    ["wrong", '{\n  "defaults": { "absolute_lifetime_secs": "1h" }\n}', "line 2, defaults.absolute_lifetime_secs"],
    ["of unknown keys", '{\n\n  "default": { "absolute_lifetime_secs": 1 }\n}', "line 3, default: unknown key"],
    ["empty", "", "the file is empty"],
  ])("leaves the policy as it was, and says so: %s", async (_, content, problem) => {
    await change(POLICY);
    const before = errors().length;
    await folder.write(FILE, content);
    await vi.waitFor(() => expect(errors().length).toBe(before + 1), SOON);
    expect(errors().at(-1)).toContain(problem);
    expect(errors().at(-1)).toContain("The earlier settings stay in force.");
    await policyStillHolds();
  });

  it("is reported once, however often it is read", async () => {
    const before = errors().length;
    await folder.write(FILE, "[]");
    await vi.waitFor(() => expect(errors().length).toBe(before + 1), SOON);
    await new Promise((resolve) => setTimeout(resolve, 2200));
    expect(errors().length).toBe(before + 1);
  });

  it("leaves the policy as it was also when the file has vanished", async () => {
    await change(POLICY);
    await folder.remove(FILE);
    await vi.waitFor(() => expect(errors().at(-1)).toContain(`${FILE} has vanished`), SOON);
    await policyStillHolds();
  });
});
