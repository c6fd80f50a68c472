import pg from "pg";
import { describe, expect, inject, it } from "vitest";
import { spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { auditRows } from "../audit-trail.ts";
import { logIn, validate } from "../login.ts";

const LIMIT_MS = 10_000;
/** A separate process takes a while to start on a busy machine. */
const TEST_LIMIT_MS = 60_000;

describe("SIGTERM", () => {
  it(
    "ends the process with code 0, and loses nothing that was answered or gathered",
    async () => {
      const sidecar = await spawnTestSidecar();
      const used = await logIn(sidecar);
      // Both of these are gathered in memory for a while.
      await validate(sidecar, used.token, { ipAddress: "203.0.113.9" });
      await validate(sidecar, used.token, { requiredTags: ["no:such"] });

      const logins = Array.from({ length: 40 }, (_, index) =>
        sidecar.command("CreateSession", { userId: `u${index}` }),
      );
      await Promise.race(logins);
      const start = Date.now();
      const ended = sidecar.kill("SIGTERM");
      const answers = await Promise.allSettled(logins);
      expect(await ended).toEqual({ code: 0, signal: null });
      expect(Date.now() - start).toBeLessThan(LIMIT_MS);

      const answered = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
      const created = answered.filter(({ status }) => status === 200).map(({ body }) => body.sessionId);
      expect(created.length).toBeGreaterThan(0);
      const rows = await sidecar.sql<{ id: string; ip: string | null }>(
        "SELECT id, last_ip_address AS ip FROM byo.sessions",
      );
      expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(created));
      expect(rows.find(({ id }) => id === used.sessionId)?.ip).toBe("203.0.113.9");
      const events = (await auditRows(sidecar, { sessionId: used.sessionId })).map(({ event }) => event);
      expect(events).toEqual(["SessionCreated", "SessionRefused"]);
      expect(sidecar.logs().filter(({ level }) => Number(level) >= 50)).toEqual([]);
    },
    TEST_LIMIT_MS,
  );

  it.runIf(inject("database").kind === "postgres")(
    "waits for a request that is under way (on the embedded database none can be held up from outside)",
    async () => {
      const sidecar = await spawnTestSidecar();
      const { sessionId } = await logIn(sidecar);
      const other = new pg.Client({ connectionString: sidecar.database.env.DATABASE_URL });
      await other.connect();
      await other.query("BEGIN");
      await other.query("SELECT FROM byo.sessions WHERE id = $1 FOR UPDATE", [sessionId]);
      const held = sidecar.command("InvalidateSessionById", { sessionId });
      await new Promise((resolve) => setTimeout(resolve, 300));
      const ended = sidecar.kill("SIGTERM");
      // After a moment in which it sends clients elsewhere, no new request is taken on.
      const answers = () => sidecar.get("/healthz").then(Boolean, () => false);
      await expect.poll(answers, { timeout: 1500 }).toBe(false);
      await other.query("COMMIT");
      await other.end();
      expect(await held).toEqual({ status: 200, body: {} });
      expect(await ended).toEqual({ code: 0, signal: null });
      const [row] = await sidecar.sql("SELECT end_reason FROM byo.sessions WHERE id = $1", [sessionId]);
      expect(row).toEqual({ end_reason: "Revoked" });
    },
    TEST_LIMIT_MS,
  );
});
