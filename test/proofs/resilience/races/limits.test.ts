import { afterAll, beforeAll, expect, it } from "vitest";
import { printResults, type ResultRow } from "../../../harness/result-table.ts";
import { type Fleet, startFleet, times } from "../fleet.ts";

const LOGINS = 50;
const LIMIT = 3;
const MODES = ["drop_oldest", "drop_newest", "drop_least_recently_active", "reject_new"] as const;
const rows: ResultRow[] = [];
let fleet: Fleet;

beforeAll(async () => {
  fleet = await startFleet(2, {
    defaults: { max_concurrent_sessions_per_user: 20 },
    tags: MODES.map((mode) => ({
      tag: `mode:${mode}`,
      max_concurrent_sessions_per_user: LIMIT,
      on_session_limit_exceeded: mode,
    })),
  });
});
afterAll(() => printResults("Races of logins: two processes, one Postgres", rows));

it(`leaves exactly ${LIMIT} of ${LOGINS} parallel logins, in every mode`, { timeout: 60_000 }, async () => {
  for (const mode of MODES) {
    const logins = await Promise.all(
      times(LOGINS, () => fleet.next().command("CreateSession", { userId: mode, tags: [`mode:${mode}`] })),
    );
    const accepted = logins.filter(({ status }) => status === 200);
    const rejected = logins.filter(({ status }) => status === 409);
    const sessions = await fleet.database.sql<{ living: boolean }>(
      "SELECT ended_at IS NULL AS living FROM byo.sessions WHERE user_id = $1 ORDER BY created_at",
      [mode],
    );
    const left = sessions.flatMap(({ living }, index) => (living ? index : []));
    rows.push({
      race: `${LOGINS} logins, ${mode}`,
      accepted: accepted.length,
      rejected: rejected.length,
      left: left.length,
    });
    const [last, all] = [LOGINS - 1, LOGINS];
    const expected = {
      drop_oldest: { accepted: all, left: [last - 2, last - 1, last] },
      drop_least_recently_active: { accepted: all, left: [last - 2, last - 1, last] },
      // Each login but the first two ends the one before it.
      drop_newest: { accepted: all, left: [0, 1, last] },
      reject_new: { accepted: LIMIT, left: [0, 1, 2] },
    }[mode];
    expect({ accepted: accepted.length, left }, mode).toEqual(expected);
    for (const { body } of rejected) {
      const details = { currentCount: LIMIT, maxAllowed: LIMIT };
      expect(body).toEqual({ type: "SessionLimitExceeded", details });
    }
    const works = await Promise.all(
      accepted.map(({ body }) => fleet.next().command("ValidateSession", { sessionToken: body.sessionToken })),
    );
    expect(works.filter(({ status }) => status === 200)).toHaveLength(LIMIT);
  }
});

it("lets nothing from before a revocation of all survive it", { timeout: 90_000 }, async () => {
  const rounds = 25;
  const login = async (userId: string) => (await fleet.next().run("CreateSession", { userId })).sessionToken;
  const existing = await Promise.all(times(rounds, (round) => Promise.all(times(5, () => login(`user-${round}`)))));
  await fleet.database.advance(3601);
  let survivors = 0;
  let later = 0;
  for (const [round, tokens] of existing.entries()) {
    const userId = `user-${round}`;
    const rotations = tokens.map(async (sessionToken) => {
      const { body } = await fleet.next().command("ValidateAndRefreshSession", { sessionToken });
      if (typeof body.newSessionToken !== "string") return sessionToken;
      await fleet.next().command("ValidateSession", { sessionToken: body.newSessionToken });
      return body.newSessionToken;
    });
    let isRevoking = false;
    const logins = times(8, async () => {
      const sessionToken = await login(userId);
      return { sessionToken, before: !isRevoking };
    });
    const first = await Promise.race(logins);
    isRevoking = true;
    await fleet.next().run("InvalidateAllSessionsForUser", { userId });
    const answered = [first, ...(await Promise.all(logins))];
    const dead = [
      ...(await Promise.all(rotations)),
      ...answered.filter(({ before }) => before).map((each) => each.sessionToken),
    ];
    const after = await login(userId);
    const statusOf = async (sessionToken: string) =>
      (await fleet.next().command("ValidateSession", { sessionToken })).status;
    survivors += (await Promise.all(dead.map(statusOf))).filter((status) => status === 200).length;
    if ((await statusOf(after)) === 200) later++;
    const listed = await fleet.next().run("FetchAllSessionsForUser", { userId });
    const living = await Promise.all([...new Set(answered.map((each) => each.sessionToken)), after].map(statusOf));
    expect(listed.sessions).toHaveLength(living.filter((status) => status === 200).length);
  }
  rows.push({
    race: `${rounds} revocations of all during logins and rotations`,
    accepted: later,
    rejected: 0,
    left: survivors,
  });
  expect({ survivors, later }).toEqual({ survivors: 0, later: rounds });
});
