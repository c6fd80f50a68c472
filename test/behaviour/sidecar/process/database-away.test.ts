import { beforeAll, describe, expect, inject, it, vi } from "vitest";
import { type SpawnedSidecar, spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { startTcpProxy, type TcpProxy } from "../../../harness/tcp-proxy.ts";
import { createTestDatabase } from "../../../harness/test-database.ts";
import { auditRow } from "../audit-trail.ts";
import { type Login, logIn, validate } from "../login.ts";

const ANSWER_LIMIT_MS = 5000;
const RECOVERY = { timeout: 8000, interval: 100 };

// The embedded database runs in the sidecar's own process: there is no connection that could be lost or freeze.
const embedded = inject("database").kind === "embedded";

describe.skipIf(embedded)("while the database is away (the embedded one cannot be: it is in the same process)", () => {
  let sidecar: SpawnedSidecar;
  let proxy: TcpProxy;
  let login: Login;

  beforeAll(async () => {
    const database = await createTestDatabase();
    const url = new URL(database.env.DATABASE_URL ?? "");
    proxy = await startTcpProxy(Number(url.port));
    url.port = String(proxy.port);
    sidecar = await spawnTestSidecar({ database, env: { DATABASE_URL: url.href } });
    login = await logIn(sidecar);
  });

  const commands = (): [string, object][] => [
    ["Ping", {}],
    ["CreateSession", { userId: "ada" }],
    ["ValidateSession", { sessionToken: login.token }],
    ["ValidateAndRefreshSession", { sessionToken: login.token }],
    ["FetchAllSessionsForUser", { userId: login.userId }],
    ["FetchAllSessions", {}],
    ["FetchSessionById", { sessionId: login.sessionId }],
    ["UpdateSession", { sessionId: login.sessionId, newMetadata: 1 }],
    ["UpdateSessions", { filter: { userId: login.userId }, newMetadata: 1 }],
    ["InvalidateSessionByToken", { sessionToken: login.token }],
    ["InvalidateSessionById", { sessionId: login.sessionId }],
    ["InvalidateAllSessionsForUser", { userId: login.userId }],
    ["InvalidateAllSessionsForUserExceptOne", { userId: login.userId, sessionTokenToKeep: login.token }],
    ["CreateDeviceChallenge", {}],
    ["RegisterDevice", { sessionId: login.sessionId, signedDeviceChallenge: "x" }],
  ];

  /** Every command at once; what needs no database may succeed. */
  async function allAreAnswered(): Promise<void> {
    const answers = await Promise.all(
      commands().map(async ([name, data]) => {
        const start = performance.now();
        const answer = await sidecar.command(name, data);
        return { name, ...answer, tookMs: performance.now() - start };
      }),
    );
    for (const { name, status, body, tookMs } of answers) {
      expect(tookMs, name).toBeLessThan(ANSWER_LIMIT_MS);
      if (status === 200 && (name === "Ping" || name === "CreateDeviceChallenge")) continue;
      expect(status, name).toBeOneOf([500, 503]);
      expect(body, name).toEqual({ type: "UnexpectedError", details: expect.any(String) });
      expect(JSON.stringify(body)).not.toMatch(/ECONN|127\.0\.0\.1|postgres:|at .*\.ts/);
    }
    expect(answers.some(({ status }) => status !== 200)).toBe(true);
  }

  async function recovers(): Promise<void> {
    await vi.waitFor(async () => expect(await sidecar.get("/readyz")).toMatchObject({ status: 200 }), RECOVERY);
    await vi.waitFor(async () => expect(await validate(sidecar, login.token)).toMatchObject({ status: 200 }), RECOVERY);
    await logIn(sidecar);
  }

  it.each([
    ["gone", () => proxy.cut(), () => proxy.restore()],
    ["frozen", async () => proxy.freeze(), async () => proxy.thaw()],
  ] as const)(
    "%s, every command is answered in time, and all works again without a restart",
    async (_, take, giveBack) => {
      // The key has just been looked up, so that the commands themselves meet the database.
      expect(await sidecar.command("Ping", {})).toMatchObject({ status: 200 });
      await take();
      await allAreAnswered();
      // And now with a key that has to be looked up again.
      await allAreAnswered();
      expect(await sidecar.get("/healthz")).toMatchObject({ status: 200 });
      expect(await sidecar.get("/readyz")).toMatchObject({ status: 503 });
      await giveBack();
      await recovers();
    },
    40_000,
  );

  it("refusals and times of use wait in memory, and are written when it is back", async () => {
    const other = await logIn(sidecar, { ipAddress: "203.0.113.9" });
    await validate(sidecar, other.token, { ipAddress: "203.0.113.9", requiredTags: ["no:such"] });
    await proxy.cut();
    await vi.waitFor(() => expect(sidecar.logText()).toContain("refusals could not be written"), RECOVERY);
    await proxy.restore();
    expect(await auditRow(sidecar, other.sessionId, "SessionRefused")).toMatchObject({ count: 1 });
  });

  it("says nothing of secrets in its log", () => {
    expect(sidecar.logText()).not.toContain(login.token.slice(-43));
    expect(sidecar.logText()).not.toContain(sidecar.integrationKey);
  });
});
