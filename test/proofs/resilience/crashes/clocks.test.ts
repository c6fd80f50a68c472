import { afterAll, beforeAll, expect, it } from "vitest";
import { printResults, type ResultRow } from "../../../harness/result-table.ts";
import { type SpawnedSidecar, spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { createTestDatabase, type TestDatabase } from "../../../harness/test-database.ts";
import { countLosses, LOAD_CONFIG, startLoad } from "./load.ts";

const SHIFT_SECS = 600;
const LIFETIME_SECS = 300;
const rows: ResultRow[] = [];
let database: TestDatabase;
let ahead: SpawnedSidecar;
let behind: SpawnedSidecar;

function spawnShifted(shiftSecs: number): Promise<SpawnedSidecar> {
  const env = {
    LOG_LEVEL: "warn",
    NODE_OPTIONS: `--import=${new URL("shifted-clock.ts", import.meta.url).href}`,
    BYO_TEST_CLOCK_SHIFT_MS: String(shiftSecs * 1000),
  };
  // Everything that a wrong clock would end at once: a short life, a short inactivity timeout, an hourly rotation.
  const short = { absolute_lifetime_secs: LIFETIME_SECS, inactivity_timeout_secs: 120, rotation_interval_secs: 200 };
  const config = { ...LOAD_CONFIG, tags: [{ tag: "life:short", ...short, rotation_grace_secs: 60 }] };
  return spawnTestSidecar({ database, config, env });
}

beforeAll(async () => {
  database = await createTestDatabase();
  [ahead, behind] = await Promise.all([spawnShifted(SHIFT_SECS), spawnShifted(-SHIFT_SECS)]);
});
afterAll(() => printResults("Two processes whose clocks are ten minutes ahead and ten minutes behind", rows));

it("has clocks that are really wrong, and tells the time of the database", async () => {
  const startedAt = [ahead, behind].map((sidecar) => Date.parse(/"time":"([^"]+)"/.exec(sidecar.logText())?.[1] ?? ""));
  const apartSecs = ((startedAt[0] ?? 0) - (startedAt[1] ?? 0)) / 1000;
  expect(Math.abs(apartSecs - 2 * SHIFT_SECS)).toBeLessThan(60);
  const told = await Promise.all([ahead, behind].map((sidecar) => sidecar.run("Ping", {})));
  for (const { timestamp } of told) expect(Math.abs(timestamp - Date.now() / 1000)).toBeLessThan(30);
});

it("decides by the database's clock alone", async () => {
  const { sessionToken, expiresAt } = await ahead.run("CreateSession", { userId: "ada", tags: ["life:short"] });
  const inTimeSecs = Date.now() / 1000 + LIFETIME_SECS;
  expect(Math.abs(expiresAt - inTimeSecs)).toBeLessThan(30);
  const onBoth = async (token: string) =>
    Promise.all(
      [ahead, behind].map((sidecar) => sidecar.command("ValidateAndRefreshSession", { sessionToken: token })),
    );
  const answers = [await onBoth(sessionToken)];
  await database.advance(100);
  answers.push(await onBoth(sessionToken));
  await database.advance(101);
  const [first, second] = await onBoth(sessionToken);
  const successor = String(first?.body.newSessionToken);
  expect(second?.body.newSessionToken).toBe(successor);
  answers.push(await onBoth(successor));
  await database.advance(59);
  answers.push(await onBoth(sessionToken));
  expect(answers.flat().map(({ status, body }) => [status, body.newSessionToken])).toEqual(
    answers.flat().map(() => [200, undefined]),
  );
  await database.advance(2);
  for (const { status, body } of await onBoth(sessionToken))
    expect([status, body.details]).toEqual([401, "TokenReused"]);
  for (const { status, body } of await onBoth(successor)) expect([status, body.details]).toEqual([401, "TokenReused"]);
});

it("serves a load on both without a refusal or a loss", { timeout: 90_000 }, async () => {
  const load = startLoad([ahead, behind]);
  await load.grow(15);
  await load.stop();
  const losses = await countLosses(load.sessions, ahead);
  const { refused, unavailable, brokenOff } = load.counts;
  rows.push({ shift: `${SHIFT_SECS} s each way`, ...losses, refused, "503 or 500": unavailable });
  expect({ lost: losses.lost, refused, unavailable, brokenOff }).toEqual({
    lost: 0,
    refused: 0,
    unavailable: 0,
    brokenOff: 0,
  });
});
