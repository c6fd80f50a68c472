import { request } from "undici";
import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { logIn, refresh, successorOf, validate } from "../login.ts";

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

describe("/healthz and /readyz", () => {
  it("answer 200 while all is well, without a key", async () => {
    expect(await sidecar.get("/healthz")).toEqual({ status: 200, text: '{"status":"ok"}' });
    expect(await sidecar.get("/readyz")).toEqual({ status: 200, text: '{"status":"ready"}' });
  });
});

describe("/metrics", () => {
  /** How much each series has grown by the work. */
  async function growth(work: () => Promise<unknown>): Promise<(series: string) => number> {
    const before = await sidecar.metrics();
    await work();
    const after = await sidecar.metrics();
    return (series) => (after.get(series) ?? 0) - (before.get(series) ?? 0);
  }

  it("counts logins, refusals, ends, rotations and commands", async () => {
    const grown = await growth(async () => {
      const { token } = await logIn(sidecar);
      await sidecar.advance(3601);
      const successor = await successorOf(sidecar, token);
      await refresh(sidecar, successor);
      await validate(sidecar, successor, { requiredTags: ["no:such"] });
      await validate(sidecar, "x");
      await sidecar.run("InvalidateSessionByToken", { sessionToken: successor });
      await sidecar.command("CreateSession", { userId: "" });
      await sidecar.command("ScimRequest", {});
      await sidecar.command("Nonsense", {});
    });
    expect(grown("byo_sessions_created_total")).toBe(1);
    expect(grown('byo_rotations_total{step="started"}')).toBe(1);
    expect(grown('byo_rotations_total{step="confirmed"}')).toBe(1);
    expect(grown('byo_refusals_total{reason="MissingRequiredTag"}')).toBe(1);
    expect(grown('byo_refusals_total{reason="NotFound"}')).toBe(1);
    expect(grown('byo_sessions_ended_total{reason="LoggedOut"}')).toBe(1);
    const commands = (command: string, status: number) =>
      grown(`byo_command_duration_seconds_count{command="${command}",status="${status}"}`);
    expect(commands("CreateSession", 200)).toBe(1);
    expect(commands("CreateSession", 400)).toBe(1);
    expect(commands("ValidateAndRefreshSession", 200)).toBe(2);
    expect(commands("ValidateSession", 401)).toBe(2);
    expect(commands("not-served", 501)).toBe(1);
    expect(commands("malformed", 400)).toBe(1);
  });

  it("has labels of closed lists only: nothing that a request brings is among them", async () => {
    const secret = "Zq8";
    const { token } = await logIn(sidecar, { userId: `user-${secret}`, tags: [`tag:${secret}`], userAgent: secret });
    await validate(sidecar, token, { userAgent: secret, requiredTags: [`no:${secret}`] });
    await validate(sidecar, token, { userAgent: `${secret}2`, ipAddress: "203.0.113.77" });
    await sidecar.command(`Command${secret}`, {});
    await sidecar.command("Ping", {}, { authorization: `Bearer api_${secret}` });
    const { text } = await sidecar.get("/metrics");
    expect(text).toContain("byo_command_duration_seconds_bucket");
    for (const word of [secret, "203.0.113.77", token.slice(-43)]) expect(text).not.toContain(word);
  });

  it("needs METRICS_TOKEN where it is set, and nothing else will do", async () => {
    const METRICS_TOKEN = "0123456789abcdef0123456789abcdef";
    const guarded = await startTestSidecar({ database: sidecar.database, env: { METRICS_TOKEN } });
    const get = async (authorization?: string) => {
      const { statusCode, body } = await request(`${guarded.url}/metrics`, {
        headers: authorization === undefined ? {} : { authorization },
      });
      return { status: statusCode, text: await body.text() };
    };
    for (const wrong of [undefined, "Bearer ", "Bearer x", `Bearer ${guarded.integrationKey}`, METRICS_TOKEN]) {
      const { status, text } = await get(wrong);
      expect(status, wrong).toBe(401);
      expect(JSON.parse(text)).toMatchObject({ type: "UnexpectedError" });
    }
    expect(await get(`Bearer ${METRICS_TOKEN}`)).toMatchObject({ status: 200, text: expect.stringContaining("byo_") });
    expect(guarded.logText()).not.toContain(METRICS_TOKEN);
    // The health checks of an orchestrator need none.
    expect(await guarded.get("/healthz")).toMatchObject({ status: 200 });
    await guarded.stop();
  });
});
