import { randomBytes } from "node:crypto";
import { COMMAND_NAMES, ERROR_STATUS, inputOf } from "@byo-session/core/contract";
import fc from "fast-check";
import { Pool } from "undici";
import { beforeAll, describe, expect, it } from "vitest";
import { configure, impersonate, JOE_MAY } from "../../behaviour/sidecar/impersonation/impersonate.ts";
import { IS_LONG } from "../../harness/is-long.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { createFingerprint, type Fingerprint } from "./fingerprint.ts";
import { type FuzzTargets, fuzzedBody, fuzzedRequest } from "./fuzz-commands.ts";
import { answersIn, openRawConnection } from "./raw-http.ts";

const COMMANDS = IS_LONG ? 9000 : 1200;
const REQUESTS = IS_LONG ? 1000 : 200;
const SENT_BETWEEN_CLEANINGS = 200;
/** The log levels. */
const WARNING = 40;
/** The same seed everywhere, so that a failure is about the change under test; another run explores further. */
const SEED = Number(process.env.BYO_FUZZ_SEED ?? 20_261_122);

const STATUSES_OF_COMMANDS = new Set([200, 501, ...Object.values(ERROR_STATUS)].filter((status) => status !== 500));
/** The HTTP layer's own, in addition to those of commands: `Expect`, a stalled request, an empty type, a head over the limit. */
const STATUSES_OF_REQUESTS = new Set([...STATUSES_OF_COMMANDS, 100, 408, 415, 417, 431]);
const TRACES = /\bat [^"]*:\d+:\d+|node_modules|\.[jt]s:\d+|[A-Z]\w*Error:/;

let sidecar: TestSidecar;
let fingerprint: Fingerprint;
let targets: FuzzTargets;

beforeAll(async () => {
  sidecar = await startTestSidecar({ env: { ENCRYPTION_KEY: randomBytes(32).toString("base64") } });
  await configure(sidecar, JOE_MAY);
  fingerprint = await createFingerprint(sidecar.database);
  await sidecar.run("CreateSession", { userId: "bob" });
  const session = await sidecar.run("CreateSession", { userId: "ada", metadata: { theme: "dark" } });
  const { sessionId: impersonationId, token } = await impersonate(sidecar, { targetUserId: "ada" });
  targets = { userId: "ada", ...session, impersonationId, impersonationToken: token };
  console.log(`fuzz: seed ${SEED}; BYO_FUZZ_SEED sets another`);
});

describe("60 fuzzed input", () => {
  it(`60 ${COMMANDS} fuzzed commands: typed answers, no echo, no trace, and what is refused changes nothing`, {
    timeout: 600_000,
  }, async () => {
    const pool = new Pool(sidecar.url, { connections: 1 });
    const seen = new Map<number, number>();
    let state = await fingerprint.read();
    let sent = 0;
    const property = fc.asyncProperty(fuzzedBody(targets), async (body) => {
      if (++sent % SENT_BETWEEN_CLEANINGS === 0) {
        // Keeps the comparison of the whole database cheap.
        await sidecar.sql("DELETE FROM byo.sessions WHERE id <> $1", [targets.sessionId]);
        await sidecar.sql("DELETE FROM byo.impersonation_sessions WHERE id <> $1", [targets.impersonationId]);
        state = await fingerprint.read();
      }
      const { statusCode, body: answer } = await pool.request({
        method: "POST",
        path: "/run-command",
        headers: { authorization: `Bearer ${sidecar.integrationKey}`, "content-type": "application/json" },
        body,
      });
      const text = await answer.text();
      seen.set(statusCode, (seen.get(statusCode) ?? 0) + 1);
      expect(STATUSES_OF_COMMANDS, `${statusCode}: ${text}`).toContain(statusCode);
      expect(() => JSON.parse(text)).not.toThrow();
      const now = await fingerprint.read();
      if (statusCode !== 200) {
        const error: { type: string } = JSON.parse(text);
        expect(ERROR_STATUS).toHaveProperty(error.type);
        expect(text).not.toMatch(TRACES);
        expect(text.length).toBeLessThan(2000);
        expect(now).toBe(state);
      }
      state = now;
    });
    await fc.assert(property, { numRuns: COMMANDS, seed: SEED });
    await pool.close();
    console.log(
      `fuzz: ${COMMANDS} commands, answers by status ${JSON.stringify(Object.fromEntries([...seen].sort()))}`,
    );
    expect(seen.get(200) ?? 0, "some fuzzed commands pass the checks, or the fuzzing reaches nothing").toBeGreaterThan(
      COMMANDS / 50,
    );
    expect(seen.get(400) ?? 0).toBeGreaterThan(COMMANDS / 4);
  });

  it(`60 ${REQUESTS} fuzzed HTTP requests: refused in one piece, and the next one is served`, {
    timeout: 600_000,
  }, async () => {
    const before = await fingerprint.read();
    const property = fc.asyncProperty(fuzzedRequest(sidecar.integrationKey), async (bytes) => {
      const connection = await openRawConnection(sidecar.url);
      await connection.send(bytes);
      // Nothing more will come: a reader that waits for the rest of a body must see the end, not a deadline.
      connection.socket.end();
      await connection.closed;
      for (const { status, body, head } of answersIn(connection.received())) {
        expect(STATUSES_OF_REQUESTS, head).toContain(status);
        if (status >= 400 && status !== 417 && body)
          expect(JSON.parse(body)).toMatchObject({ type: expect.any(String) });
        expect(head + body).not.toMatch(TRACES);
        expect((head + body).toLowerCase()).not.toContain("<script");
      }
    });
    await fc.assert(property, { numRuns: REQUESTS, seed: SEED });
    expect(await fingerprint.read()).toBe(before);
    await sidecar.run("Ping", {});
  });

  it("60 none of this was unexpected to the sidecar", () => {
    expect(sidecar.logs().length).toBeGreaterThan(0);
    expect(sidecar.logs().filter(({ level }) => Number(level ?? 0) > WARNING)).toEqual([]);
  });

  it("60 every command refuses data of every wrong type with 400", async () => {
    const wrong = [undefined, null, 1, "text", true, [], [[]]];
    const names = COMMAND_NAMES.filter((name) => !inputOf(name).safeParse(undefined).success);
    expect(names.length).toBeGreaterThan(COMMAND_NAMES.length - 3);
    for (const name of names) {
      for (const data of wrong) {
        const { status, body } = await sidecar.command(name, data);
        expect([400, 501], `${name} with ${JSON.stringify(data)}`).toContain(status);
        expect(body.type).toBe("UnexpectedError");
      }
    }
  });
});
