import { Secret, TOTP } from "otpauth";
import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  createDashboardClient,
  type DashboardClient,
  newPassword,
  startDashboard,
  type TestDashboard,
} from "./dashboard-client.ts";

let dashboard: TestDashboard;
let owner: DashboardClient;

/** Behind a proxy, so that a test can come from any address: such a request counts under the dashboard's own name only. */
const ORIGIN = "https://sessions.example.com";
const SYSTEM = {
  where_to_find_ip: {
    use_ip_directly: false,
    header_with_ip: "X-Forwarded-For",
    strategy_to_select_ip_from_header: "skip_trusted_proxies",
    trusted_proxies: ["127.0.0.1"],
  },
};

beforeAll(async () => {
  dashboard = await startDashboard({
    env: {
      DASHBOARD_ORIGIN: ORIGIN,
      INITIAL_OWNER_PASSWORD: newPassword(),
      ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
    },
  });
  owner = dashboard.owner;
  await dashboard.sidecar.writeConfig(SYSTEM, "system_config.jsonc");
  await vi.waitFor(async () => {
    await dashboard.newClient().call("access/login", { username: "nobody", password: "x" }, from("198.51.100.200"));
    const { items } = await owner.get("log/list", { event: "DashboardLoginRefused" });
    expect(items.map(({ ipAddress }) => ipAddress)).toContain("198.51.100.200");
  }, 10_000);
});

let next = 0;
/** A header that makes a request come from there; without an address from one that nobody used before. */
function from(address = `10.1.${Math.floor(++next / 200)}.${next % 200}`): Record<string, string> {
  return { "x-forwarded-for": address, host: new URL(ORIGIN).host };
}

describe("tries to log in", () => {
  it("are slowed down for one account from one address, and free from elsewhere", async () => {
    const person = await dashboard.person("ReadOnly");
    const client = dashboard.newClient();
    const wrong = { username: person.username, password: "a wrong password" };
    const here = from();
    const statuses = [];
    for (let tries = 0; tries < 5; tries++) statuses.push((await client.call("access/login", wrong, here)).status);
    expect(statuses.slice(0, 3)).toEqual([401, 401, 401]);
    const refused = await client.call("access/login", { ...wrong, password: person.password }, here);
    expect(refused).toMatchObject({
      status: 429,
      body: { type: "TooManyAttempts", retryAfterSecs: expect.any(Number) },
    });
    expect(refused.headers["retry-after"]).toBe(String(refused.body.retryAfterSecs));
    expect(Number(refused.body.retryAfterSecs)).toBeLessThanOrEqual(60);
    const elsewhere = await client.call("access/login", { ...wrong, password: person.password }, from());
    expect(elsewhere.status).toBe(200);
  });

  it("of names that nobody has are answered and slowed down like all others", async () => {
    const here = from();
    const client = dashboard.newClient();
    const person = await dashboard.person("ReadOnly");
    const shape = async (username: string) => {
      const { status, text } = await client.call("access/login", { username, password: "wrong" }, here);
      return [status, text];
    };
    const known = [await shape(person.username), await shape(person.username), await shape(person.username)];
    const unknown = [await shape("nobody"), await shape("nobody"), await shape("nobody")];
    expect(unknown).toEqual(known);
    expect((await shape("nobody"))[0]).toBe(429);
    expect((await shape(person.username))[0]).toBe(429);
  });

  it("are slowed down from one address for all accounts together", async () => {
    const here = from();
    const statuses = await Promise.all(
      Array.from({ length: 30 }, async (_, at) => {
        const input = { username: `somebody-${at}`, password: "wrong" };
        return (await dashboard.newClient().call("access/login", input, here)).status;
      }),
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
  });

  it("from many addresses keep nobody out who has been there before", async () => {
    const home = from();
    const person = await dashboard.person("ReadOnly");
    const good = { username: person.username, password: person.password };
    expect((await person.call("access/login", good, home)).status).toBe(200);
    const start = performance.now();
    const attack = Array.from({ length: 14 }, () =>
      dashboard.newClient().call("access/login", { ...good, password: "wrong" }, from()),
    );
    expect((await dashboard.newClient().call("access/login", good, home)).status).toBe(200);
    const statuses = (await Promise.all(attack)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401]));
    // The later ones wait for those before: 250 ms, then 500, …
    expect(performance.now() - start).toBeGreaterThan(1500);
  });
});

describe("a login", () => {
  it("rotates its token, survives a lost answer, and ends when an old token comes back", async () => {
    const { sidecar } = dashboard;
    const client = await dashboard.person("ReadOnly");
    const first = client.cookie;
    await sidecar.advance(16 * 60);
    const lost = await createDashboardClient(sidecar.dashboardUrl).call("sessions/list", {}, { cookie: first });
    expect([lost.status, lost.headers["set-cookie"] !== undefined]).toEqual([200, true]);
    // The answer was lost: the browser still has the first token, and is given another one after a while.
    expect((await client.call("sessions/list")).status).toBe(200);
    expect(client.cookie).toBe(first);
    await sidecar.advance(60);
    expect((await client.call("sessions/list")).status).toBe(200);
    expect(client.cookie).not.toBe(first);
    expect((await client.call("sessions/list")).status).toBe(200);
    await sidecar.advance(61);
    const thief = await createDashboardClient(sidecar.dashboardUrl).call("sessions/list", {}, { cookie: first });
    expect(thief.status).toBe(401);
    expect((await client.call("sessions/list")).status).toBe(401);
    await owner.logIn(owner.username, owner.password);
    const { items } = await owner.get("log/list", { event: "DashboardTokenReused" });
    expect(items[0]?.actor).toBe(`dashboard:${client.username}`);
  });

  it("ends without use, but not while it is used; a page that refreshes itself is no use", async () => {
    const [used, idle] = [await dashboard.person("ReadOnly"), await dashboard.person("ReadOnly")];
    for (let minutes = 0; minutes < 40; minutes += 10) {
      await dashboard.sidecar.advance(600);
      await used.call("sessions/list");
      await idle.call("sessions/list", {}, { "x-byo-background": "1" });
    }
    expect((await used.call("sessions/list")).status).toBe(200);
    expect((await idle.call("sessions/list")).status).toBe(401);
  });

  it("ends after its lifetime however much it is used", async () => {
    const client = await dashboard.person("ReadOnly");
    const life = 7 * 86_400;
    await dashboard.sidecar.sql(
      "UPDATE byo.dashboard_sessions SET created_at = created_at - make_interval(secs => $1)",
      [life],
    );
    expect((await client.call("sessions/list")).status).toBe(401);
    await owner.logIn(owner.username, owner.password);
  });

  it("is of a realm of its own: no token of one side is taken for one of the other", async () => {
    const { sidecar } = dashboard;
    const { sessionToken, sessionId } = await sidecar.run("CreateSession", { userId: "u" });
    const cookie = `__Host-byo_dashboard=${sessionToken}`;
    expect((await dashboard.newClient().call("sessions/list", {}, { cookie })).status).toBe(401);
    const own = owner.cookie?.split("=")[1];
    const answer = await sidecar.command("ValidateSession", { sessionToken: own });
    expect(answer).toMatchObject({ status: 401, body: { type: "InvalidSessionToken" } });
    const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId: owner.username });
    expect(sessions).toEqual([]);
    expect(sessionId).not.toBe(undefined);
  });

  it("logs out: the cookie is cleared and the token dead", async () => {
    const client = await dashboard.person("ReadOnly");
    const { cookie } = client;
    const answer = await client.call("access/logout");
    expect(answer.headers["set-cookie"]).toMatch(
      /^__Host-byo_dashboard=; Max-Age=0; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect((await client.call("sessions/list", {}, { cookie })).status).toBe(401);
  });
});

describe("a second factor", () => {
  /** What an app with this secret shows now, by the clock of the database. */
  async function codeOf(secret: string): Promise<string> {
    const [{ now = 0 } = {}] = await dashboard.sidecar.sql<{ now: number }>(
      "SELECT date_part('epoch', byo.now()) AS now",
    );
    return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now * 1000 });
  }

  /** A person who has turned it on, with the recovery codes. */
  async function personWithCodes(): Promise<{ client: DashboardClient; codes: string[] }> {
    const client = await dashboard.person("ReadOnly");
    await client.confirm();
    const { secret } = await client.get("access/start-second-factor", {});
    const { codes } = await client.get("access/enable-second-factor", { code: await codeOf(secret) });
    return { client, codes };
  }

  it("is asked for after the password, takes each code once, and is asked for to be removed", async () => {
    const client = await dashboard.person("ReadOnly");
    await client.confirm();
    const { secret, uri } = await client.get("access/start-second-factor", {});
    expect(uri).toMatch(/^otpauth:\/\/totp\//);
    const step = () => dashboard.sidecar.advance(31);
    expect((await client.call("access/enable-second-factor", { code: "000000" })).status).toBe(401);
    await client.get("access/enable-second-factor", { code: await codeOf(secret) });

    const browser = dashboard.newClient();
    const credentials = { username: client.username, password: client.password };
    const here = from();
    const log = (input: object) => browser.call("access/login", input, here);
    expect((await log({ ...credentials, password: "wrong" })).body.type).toBe("LoginRefused");
    expect((await log(credentials)).body.type).toBe("CodeRequired");
    await step();
    const code = await codeOf(secret);
    expect((await log({ ...credentials, code })).status).toBe(200);
    const replay = await dashboard.newClient().call("access/login", { ...credentials, code }, from());
    expect(replay.body.type).toBe("LoginRefused");
    const stored = await dashboard.sidecar.sql("SELECT second_factor FROM byo.dashboard_users WHERE username = $1", [
      client.username,
    ]);
    expect(stored[0]?.second_factor).toBeInstanceOf(Buffer);

    await step();
    expect((await browser.call("access/remove-second-factor", { code: await codeOf(secret) }, here)).status).toBe(200);
    const plain = await dashboard.newClient().call("access/login", credentials, from());
    expect(plain.status).toBe(200);
  });

  it("is replaced by a recovery code, each of which works once, also when two use it at once", async () => {
    const { client, codes } = await personWithCodes();
    expect(new Set(codes).size).toBe(10);
    const credentials = { username: client.username, password: client.password };
    const log = (given: string | undefined) =>
      dashboard.newClient().call("access/login", { ...credentials, code: given }, from());
    const both = await Promise.all([log(codes[0]), log(codes[0])]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect(await log(codes[0])).toMatchObject({ status: 401, body: { type: "LoginRefused" } });
    const { text: state } = await client.call("access/state");
    expect(JSON.parse(state).me).toMatchObject({ hasSecondFactor: true, recoveryCodesLeft: 9 });
    const stored = await dashboard.sidecar.sql("SELECT code_hash FROM byo.dashboard_recovery_codes");
    expect(stored.every(({ code_hash }) => Buffer.isBuffer(code_hash) && code_hash.length === 32)).toBe(true);

    await client.confirm().catch(() => undefined);
    const { codes: renewed } = await client.get("access/make-recovery-codes", {});
    expect((await log(codes[1])).status).toBe(401);
    expect((await log(renewed[1]?.replaceAll("-", "").toLowerCase())).status).toBe(200);
    // Someone who has lost the device turns it off with another one.
    await client.get("access/remove-second-factor", { code: renewed[2] ?? "" });
    expect(await dashboard.sidecar.sql("SELECT FROM byo.dashboard_recovery_codes")).toEqual([]);
    const { items } = await dashboard.owner.get("log/list", { event: "DashboardRecoveryCodeUsed" });
    expect(items.map(({ details }) => details?.left)).toEqual([8, 9, 9]);
  });

  it("lets nobody with the password guess codes: tries without one do not clear the count", async () => {
    const { client } = await personWithCodes();
    const here = from();
    const credentials = { username: client.username, password: client.password };
    const statuses = [];
    for (const input of [
      credentials,
      { ...credentials, code: "111111" },
      credentials,
      { ...credentials, code: "ABCD-EFGH-IJKL-MNOP" },
    ]) {
      statuses.push((await dashboard.newClient().call("access/login", input, here)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 429]);
  });
});
