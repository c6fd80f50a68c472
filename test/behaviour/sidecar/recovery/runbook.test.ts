import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { byo } from "../../../harness/byo.ts";
import { stopAfterFile } from "../../../harness/leftovers.ts";
import { createTestDatabase } from "../../../harness/test-database.ts";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow } from "../audit-trail.ts";
import { freshProof, REQUIRED } from "../bound-session.ts";
import { invalid, validate } from "../login.ts";
import { goOn, LATER_SECS, logInAll } from "./story.ts";

/** The steps of docs/recovery.md: a backup, and on; a restore, the recovery, and who is still logged in. */

/** Each step opens the database again, and the embedded one takes seconds for that. */
const SLOW = { timeout: 120_000 };

const ENV = { ENCRYPTION_KEY: Buffer.alloc(32, 5).toString("base64") };

async function backedUpAndGoneOn(env: Record<string, string> = ENV) {
  const database = await createTestDatabase();
  const before = await startTestSidecar({ database, env });
  const people = await logInAll(before);
  const since = new Date(Date.now() - 60_000).toISOString();
  await before.stop();
  const backup = await database.copy();
  const sidecar = await startTestSidecar({ database, env });
  const newest = await goOn(sidecar, people);
  await sidecar.stop();
  const folder = await mkdtemp(join(tmpdir(), "byo-events-"));
  stopAfterFile(() => rm(folder, { recursive: true, force: true }));
  const events = join(folder, "sidecar.log");
  await writeFile(events, sidecar.logText());
  return { people, newest, backup, since, events, env: { ...backup.env, ...env } };
}

it("the runbook: nobody is logged out who was there at the backup, and nothing dead lives", SLOW, async () => {
  const { people, newest, backup, since, events, env } = await backedUpAndGoneOn();
  const recover = (...args: string[]) => byo(env, "recover", "--since", since, "--events", events, ...args);

  const check = await recover("--check");
  expect([check.code, check.stderr]).toEqual([2, expect.stringContaining("2 sessions end.")]);
  expect(check.stderr).toContain("2 sessions refuse the tokens that had been replaced.");
  expect(check.stderr).toContain("1 sessions are bound to their device again.");
  expect(check.stderr).toContain("1 sessions get their tags back.");
  expect(check.stderr).toContain("1 remembered devices are forgotten.");
  const unasked = await recover();
  expect([unasked.code, unasked.stderr]).toEqual([1, expect.stringContaining("Add --yes")]);
  expect(await recover("--yes")).toMatchObject({ code: 0, stderr: expect.stringContaining("Done.") });
  expect((await recover("--check")).code).toBe(0);

  const sidecar = await startTestSidecar({ database: backup, env: ENV });
  await sidecar.advance(3 * LATER_SECS);
  expect(await validate(sidecar, newest.active)).toMatchObject({ status: 200 });
  expect(await validate(sidecar, people.absent.token)).toMatchObject({ status: 200 });
  const deviceVerification = await freshProof(sidecar, people.bound.device);
  expect(await validate(sidecar, people.bound.token, { deviceVerification })).toMatchObject({ status: 200 });

  expect(await validate(sidecar, people.gone.token)).toEqual(invalid("LoggedOut"));
  expect(await validate(sidecar, people.revoked.token)).toEqual(invalid("Revoked"));
  expect(await validate(sidecar, people.binding.token)).toEqual(REQUIRED);
  const proof = await freshProof(sidecar, newest.device);
  expect(await validate(sidecar, people.binding.token, { deviceVerification: proof })).toMatchObject({ status: 200 });
  const asAdmin = await validate(sidecar, people.demoted.token, { requiredTags: ["role:admin"] });
  expect(asAdmin).toMatchObject({ status: 401, body: { details: expect.stringContaining("MissingRequiredTag") } });

  const { userId } = people.remembered;
  expect(await sidecar.run("FetchRememberedDevicesForUser", { userId })).toEqual({ devices: [] });

  // A thief with a token that had been replaced before the restore is found out, first or second.
  expect(await validate(sidecar, people.robbed.token)).toEqual(invalid("TokenReused"));
  expect(await validate(sidecar, newest.robbed)).toEqual(invalid("TokenReused"));
  // Of a login after the backup nothing is left: this is not promised.
  expect(await validate(sidecar, newest.late.token)).toEqual(invalid("NotFound"));

  const { sessionId } = people.active;
  expect(await auditRow(sidecar, sessionId, "NewerTokenAdopted")).toMatchObject({
    details: { generation: 4, knownGeneration: 4 },
  });
  expect(await auditRow(sidecar, people.revoked.sessionId, "SessionEnded")).toMatchObject({
    ...{ actor: "operator", reason: "Revoked", details: { cause: "Recovered" } },
  });
});

it(
  "without the recovery the newest token is adopted too, and the older ones are replaced from then on",
  SLOW,
  async () => {
    const { people, newest, backup } = await backedUpAndGoneOn();
    const sidecar = await startTestSidecar({ database: backup, env: ENV });
    await sidecar.advance(3 * LATER_SECS);
    // What the restored database takes for the current token is good until the owner comes.
    expect(await validate(sidecar, people.robbed.token)).toMatchObject({ status: 200 });
    expect(await validate(sidecar, newest.robbed)).toMatchObject({ status: 200 });
    expect(await validate(sidecar, people.robbed.token)).toEqual(invalid("TokenReused"));
    expect(await validate(sidecar, newest.active)).toMatchObject({ status: 200 });
    expect(await auditRow(sidecar, people.active.sessionId, "NewerTokenAdopted")).toMatchObject({
      details: { generation: 4, knownGeneration: 1 },
    });
  },
);

// The embedded database always has a key.
const onPostgres = it.runIf(inject("database").kind === "postgres");
onPostgres(
  "a newer token ends the session with its reason where salts are not encrypted, and nothing tells whose it is",
  async () => {
    const { people, newest, backup } = await backedUpAndGoneOn({});
    const sidecar = await startTestSidecar({ database: backup });
    await sidecar.advance(3 * LATER_SECS);
    const first = await validate(sidecar, newest.active);
    expect(first).toMatchObject({ status: 401, body: { details: expect.stringMatching(/^Revoked: .*not encrypted/) } });
    expect(await validate(sidecar, people.active.token)).toEqual(invalid("Revoked"));
    expect(await auditRow(sidecar, people.active.sessionId, "SessionEnded")).toMatchObject({
      ...{ actor: "system", reason: "Revoked", details: { cause: "LostChanges" } },
    });
  },
);

it("--end-all ends everything where nobody knows what has ended", SLOW, async () => {
  const { people, backup, since, env } = await backedUpAndGoneOn();
  const { code, stderr } = await byo(env, "recover", "--since", since, "--end-all", "--yes");
  expect([code, stderr]).toEqual([0, expect.stringContaining("9 sessions end.")]);
  const sidecar = await startTestSidecar({ database: backup, env: ENV });
  for (const { token } of Object.values(people)) expect(await validate(sidecar, token)).toEqual(invalid("Revoked"));
});

it.each([
  [["--since", "yesterday", "--end-all"], "Expected a time with its zone"],
  [["--since", "2100-01-01T00:00:00Z", "--end-all"], "expected a time in the past"],
  [["--since", "2026-01-01T00:00:00Z"], "Expected --events"],
  [["--since", "2026-01-01T00:00:00Z", "--events", "/nowhere"], "the file cannot be read"],
  [["--since", "2026-01-01T00:00:00Z", "--events", import.meta.filename], "has no events"],
])("byo recover %j says what is wrong", SLOW, async (args, message) => {
  const { env } = await createTestDatabase();
  expect(await byo(env, "recover", ...args)).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
});
