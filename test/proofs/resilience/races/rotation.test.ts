import { afterAll, beforeAll, expect, it } from "vitest";
import { printResults, type ResultRow } from "../../../harness/result-table.ts";
import { type Fleet, startFleet, times } from "../fleet.ts";

const INTERVAL_SECS = 3600;
const ROUNDS = 320;
const AT_ONCE = 16;
const rows: ResultRow[] = [];
let fleet: Fleet;

beforeAll(async () => {
  fleet = await startFleet(2);
});
afterAll(() => printResults("Races of rotation: two processes, one Postgres", rows));

async function login(userId: string): Promise<string> {
  return (await fleet.next().run("CreateSession", { userId })).sessionToken;
}

async function refresh(sessionToken: string) {
  const { status, body } = await fleet.next().command("ValidateAndRefreshSession", { sessionToken });
  return { status, body, newToken: body.newSessionToken };
}

it("gives 200 parallel refreshes at the boundary one and the same new token", { timeout: 60_000 }, async () => {
  const rounds = 5;
  const tokens = await Promise.all(times(rounds, (round) => login(`boundary-${round}`)));
  await fleet.database.advance(INTERVAL_SECS + 1);
  let refused = 0;
  let different = 0;
  for (const token of tokens) {
    const answers = await Promise.all(times(200, () => refresh(token)));
    refused += answers.filter(({ status }) => status !== 200).length;
    different += new Set(answers.map(({ newToken }) => newToken)).size - 1;
    expect(answers[0]?.newToken).toEqual(expect.any(String));
  }
  rows.push({
    race: "200 parallel refreshes at the boundary",
    rounds,
    requests: rounds * 200,
    lost: refused + different,
  });
  expect({ refused, different }).toEqual({ refused: 0, different: 0 });
});

it("confirms a successor once, whichever client uses it first, while the old token still works", {
  timeout: 60_000,
}, async () => {
  const rounds = 10;
  const old = await Promise.all(times(rounds, (round) => login(`first-use-${round}`)));
  await fleet.database.advance(INTERVAL_SECS + 1);
  let refused = 0;
  for (const token of old) {
    const { newToken } = await refresh(token);
    if (typeof newToken !== "string") throw new Error("expected a successor");
    const answers = await Promise.all(times(60, (index) => refresh(index % 3 === 0 ? token : newToken)));
    refused += answers.filter(({ status }) => status !== 200).length;
  }
  const [row] = await fleet.database.sql(
    `SELECT count(*)::int AS sessions, sum(gen)::int AS generations,
       (SELECT count(*)::int FROM byo.audit_events
        WHERE event = 'RotationConfirmed' AND user_id LIKE 'first-use-%') AS confirmations
     FROM byo.sessions WHERE ended_at IS NULL AND user_id LIKE 'first-use-%'`,
  );
  rows.push({ race: "first uses of a successor", rounds, requests: rounds * 60, lost: refused });
  expect(row).toEqual({ sessions: rounds, generations: 2 * rounds, confirmations: rounds });
  expect(refused).toBe(0);
});

it(`loses no logout that races a confirmation, in ${ROUNDS} rounds`, { timeout: 120_000 }, async () => {
  const old = await Promise.all(times(ROUNDS, (round) => login(`log-out-${round}`)));
  await fleet.database.advance(INTERVAL_SECS + 1);
  let confirmedFirst = 0;
  let lost = 0;

  async function round(token: string, index: number): Promise<void> {
    const { newToken } = await refresh(token);
    if (typeof newToken !== "string") throw new Error("expected a successor");
    const [validator, other] = index % 4 < 2 ? fleet.sidecars : [...fleet.sidecars].reverse();
    if (!validator || !other) throw new Error("expected two sidecars");
    const logOut = () => other.command("InvalidateSessionByToken", { sessionToken: index % 2 ? token : newToken });
    const use = () => validator.command("ValidateAndRefreshSession", { sessionToken: newToken });
    // Who is sent first changes, so that each wins some of the rounds.
    const answers = await Promise.all(index % 3 === 0 ? [logOut(), use()] : [use(), logOut()]);
    if (answers.every(({ status }) => status === 200)) confirmedFirst++;
    for (const sidecar of fleet.sidecars) {
      const after = await sidecar.command("ValidateSession", { sessionToken: newToken });
      if (after.status !== 401 || after.body.details !== "LoggedOut") lost++;
    }
  }

  for (let start = 0; start < ROUNDS; start += AT_ONCE) {
    await Promise.all(old.slice(start, start + AT_ONCE).map((token, index) => round(token, start + index)));
  }
  rows.push({
    race: `logout against confirmation (${confirmedFirst} confirmed first)`,
    rounds: ROUNDS,
    requests: ROUNDS * 5,
    lost,
  });
  expect(lost).toBe(0);
  // Otherwise it was no race.
  expect(confirmedFirst).toBeGreaterThan(ROUNDS / 20);
  expect(confirmedFirst).toBeLessThan(ROUNDS);
});
