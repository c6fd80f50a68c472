import { randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { launchSidecar } from "../../../harness/spawned-sidecar.ts";
import { createTestDatabase } from "../../../harness/test-database.ts";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";
import { createConfigFolder } from "../config-folder.ts";
import { logIn, refresh, successorOf, validate } from "../login.ts";

const onPostgres = inject("database").kind === "postgres";
const key = () => randomBytes(32).toString("base64");

describe("a start", () => {
  it("without a file that the database has seen is an error", async () => {
    const empty = await createConfigFolder();
    const database = await createTestDatabase();
    // Fine, as long as there has never been one.
    const before = await startTestSidecar({ database, env: empty.env });
    await before.stop();
    const first = await startTestSidecar({ database, config: { defaults: { ip_blocklist: ["192.0.2.0/24"] } } });
    await first.stop();
    await expect(startTestSidecar({ database, env: empty.env })).rejects.toThrow(
      /^session_config\.jsonc is missing, but this database was used with it before\. .*put one there that says "\{\}"/,
    );
    await empty.write("session_config.jsonc", "{}");
    const again = await startTestSidecar({ database, env: empty.env });
    expect(await again.command("Ping")).toMatchObject({ status: 200 });
    await again.stop();
  });

  it("with a file that cannot be used names everything that is wrong", async () => {
    const config = '{\n  "defaults": { "max_concurrent_sessions_per_user": 21 },\n  "tags": [{ "tag": "nocolon" }]\n}';
    const start = startTestSidecar({ config });
    await expect(start).rejects.toThrow("line 2, defaults.max_concurrent_sessions_per_user");
    await expect(start).rejects.toThrow("line 3, tags[0].tag");
  });

  it("needs a key that cannot be guessed", async () => {
    const weak = { INITIAL_INTEGRATION_KEY: "api_changemechangemechangemechangeme" };
    await expect(startTestSidecar({ env: weak })).rejects.toThrow(
      'INITIAL_INTEGRATION_KEY: expected "api_" and then 32 or more random',
    );
  });

  it.runIf(onPostgres)(
    "on a public address without a key is refused (the embedded database makes a key for itself)",
    async () => {
      const env = { HOST: "0.0.0.0", INITIAL_INTEGRATION_KEY: undefined };
      await expect(startTestSidecar({ env })).rejects.toThrow(/^HOST: 0\.0\.0\.0 is not loopback.*byo keys create/);
    },
  );

  it.runIf(!onPostgres)(
    "on the embedded database makes a key in a file that only its user can read (Postgres has no such folder)",
    async () => {
      const sidecar = await startTestSidecar({ env: { INITIAL_INTEGRATION_KEY: undefined } });
      const path = join(sidecar.database.env.DATA_DIR ?? "", "integration-key");
      const made = (await readFile(path, "utf8")).trim();
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(await sidecar.command("Ping", {}, { authorization: `Bearer ${made}` })).toMatchObject({ status: 200 });
      expect(sidecar.logText()).toContain(path);
      expect(sidecar.logText()).not.toContain(made);
      await sidecar.stop();
    },
  );

  it("that fails ends with a code for the kind of cause and says why, without a stack", async () => {
    const sidecar = await launchSidecar({ env: { METRICS_TOKEN: "short" } });
    expect(await sidecar.ended).toEqual({ code: 78, signal: null });
    expect(sidecar.logText()).toContain("The sidecar cannot start. METRICS_TOKEN: expected 16 or more");
    expect(sidecar.logText()).not.toContain("    at ");
    expect(sidecar.logText()).not.toContain("short");
  });
});

describe("the encryption key", () => {
  it("has to be the one that the database was encrypted with, and cannot be left out again", async () => {
    const first = await startTestSidecar({ env: { ENCRYPTION_KEY: key() } });
    const { database } = first;
    await first.stop();
    const wrong = startTestSidecar({ database, env: { ENCRYPTION_KEY: key() } });
    await expect(wrong).rejects.toThrow(/encrypted with another key \(.*\)\. Set ENCRYPTION_KEY to that key/);
    // The embedded database makes one for itself, which is another.
    const without = startTestSidecar({ database });
    await expect(without).rejects.toThrow(
      onPostgres ? /holds encrypted data \(.*\)\. Set ENCRYPTION_KEY/ : /another key/,
    );
  });

  it("can be changed with the one before at hand, and sessions go on to rotate", async () => {
    const database = await createTestDatabase();
    const [before, after] = [key(), key()];
    const first = await startTestSidecar({ database, env: { ENCRYPTION_KEY: before } });
    const { token } = await logIn(first);
    await first.advance(3601);
    const pending = await successorOf(first, token);
    await first.stop();

    const env = { ENCRYPTION_KEY: after, ENCRYPTION_KEY_PREVIOUS: before };
    const second = await startTestSidecar({ database, env });
    expect(await successorOf(second, token)).toBe(pending);
    await refresh(second, pending);
    const young = await logIn(second);
    await second.advance(3601);
    expect(await successorOf(second, pending)).toContain(".00000003.");
    expect(await validate(second, young.token)).toMatchObject({ status: 200 });
    await second.stop();
    await expect(startTestSidecar({ database, env: { ENCRYPTION_KEY: before } })).rejects.toThrow(/another key/);
  });

  it("seals the salts of sessions: a row with another's salt gives no token", async () => {
    const sidecar = await startTestSidecar({ env: { ENCRYPTION_KEY: key() } });
    const [one, two] = [await logIn(sidecar), await logIn(sidecar)];
    await sidecar.sql("UPDATE byo.sessions SET salt = (SELECT salt FROM byo.sessions WHERE id = $2) WHERE id = $1", [
      one.sessionId,
      two.sessionId,
    ]);
    await sidecar.advance(3601);
    expect(await sidecar.command("ValidateAndRefreshSession", { sessionToken: one.token })).toEqual({
      status: 500,
      body: {
        type: "UnexpectedError",
        details: expect.stringMatching(/^internal error; see the sidecar's log for the request [\da-f-]{36}$/),
      },
    });
    expect(await successorOf(sidecar, two.token)).toContain(".00000002.");
    expect(sidecar.logText()).not.toContain(one.token.slice(-43));
    await sidecar.stop();
  });

  it.runIf(onPostgres)("is reported as missing on Postgres (the embedded database has one in a file)", async () => {
    const sidecar = await startTestSidecar();
    expect(sidecar.logText()).toContain("ENCRYPTION_KEY is not set");
    await sidecar.stop();
  });
});
