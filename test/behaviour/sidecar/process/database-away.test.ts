import { randomBytes } from "node:crypto";
import type { CommandData, CommandName } from "@byo-session/core/contract";
import { beforeAll, describe, expect, inject, it, vi } from "vitest";
import { createProxiedDatabase, type ProxiedDatabase } from "../../../harness/proxied-database.ts";
import { type SpawnedSidecar, spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { auditRow } from "../audit-trail.ts";
import { createConfigFolder } from "../config-folder.ts";
import { CLIENT, CONFIG_FILE, JOE, JOE_MAY } from "../impersonation/impersonate.ts";
import { type Login, logIn, validate } from "../login.ts";

const ANSWER_LIMIT_MS = 5000;
const ENCRYPTION_KEY = randomBytes(32).toString("base64");
const RECOVERY = { timeout: 8000, interval: 100 };

// The embedded database runs in the sidecar's own process: there is no connection that could be lost or freeze.
const embedded = inject("database").kind === "embedded";

describe.skipIf(embedded)("while the database is away (the embedded one cannot be: it is in the same process)", () => {
  let sidecar: SpawnedSidecar;
  let proxy: ProxiedDatabase["proxy"];
  let login: Login;

  beforeAll(async () => {
    const { database, env, ...proxied } = await createProxiedDatabase();
    proxy = proxied.proxy;
    const folder = await createConfigFolder({ [CONFIG_FILE]: JOE_MAY });
    sidecar = await spawnTestSidecar({ database, env: { ...env, ENCRYPTION_KEY, ...folder.env } });
    login = await logIn(sidecar);
  });

  const commands = (): { readonly [C in CommandName]: CommandData[C] } => {
    const { token: sessionToken, sessionId, userId } = login;
    const employeeEmail = JOE;
    const impersonationToken = `byo_imp_${"A".repeat(22)}.${"A".repeat(43)}`;
    return {
      Ping: {},
      CreateSession: { userId: "ada" },
      ValidateSession: { sessionToken },
      ValidateAndRefreshSession: { sessionToken },
      NoteActivity: { sessionId },
      FetchAllSessionsForUser: { userId },
      FetchAllSessions: {},
      FetchSessionById: { sessionId },
      UpdateSession: { sessionId, newMetadata: 1 },
      UpdateSessions: { filter: { userId }, newMetadata: 1 },
      InvalidateSessionByToken: { sessionToken },
      InvalidateSessionById: { sessionId },
      InvalidateAllSessionsForUser: { userId },
      InvalidateAllSessionsForUserExceptOne: { userId, sessionTokenToKeep: sessionToken },
      InvalidateSessions: { filter: { userId } },
      CreateDeviceChallenge: {},
      RegisterDevice: { sessionId, signedDeviceChallenge: "x" },
      CreateStatelessToken: { userId },
      GetJwks: {},
      RotateStatelessTokenKey: { secsBeforeNewKeyBecomesDefault: 0, secsBeforeExistingKeysAreDeactivated: 0 },
      CreateImpersonationSession: { employeeEmail, targetUserId: userId, ...CLIENT },
      ValidateImpersonationSession: { impersonationToken, ...CLIENT },
      FetchImpersonationSessionById: { impersonationSessionId: sessionId },
      FetchAllImpersonationSessionsForEmployee: { employeeEmail },
      FetchAllImpersonationSessionsForUser: { userId },
      FetchAllActiveImpersonationSessions: {},
      FetchVisibleImpersonationsForUser: { userId },
      InvalidateImpersonationSessionById: { impersonationSessionId: sessionId },
      InvalidateImpersonationSessionByToken: { impersonationSessionToken: impersonationToken },
      InvalidateAllImpersonationSessionsForEmployee: { employeeEmail },
      InvalidateAllImpersonationSessionsForUser: { userId },
      CreateUpgradeTicket: { sessionId },
      RedeemUpgradeTicket: { ticket: "x" },
      FetchRememberedDevicesForUser: { userId },
      ForgetRememberedDevice: { userId, deviceId: "x" },
    };
  };

  /** Every command at once; what needs no database may succeed. */
  async function allAreAnswered(): Promise<void> {
    const answers = await Promise.all(
      Object.entries(commands()).map(async ([name, data]) => {
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
    const start = performance.now();
    const { status, text } = await sidecar.get("/.well-known/jwks.json");
    expect(performance.now() - start).toBeLessThan(ANSWER_LIMIT_MS);
    expect([status, JSON.parse(text)]).toEqual([503, { type: "UnexpectedError", details: expect.any(String) }]);
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
