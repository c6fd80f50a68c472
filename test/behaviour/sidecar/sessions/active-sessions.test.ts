import { beforeAll, describe, expect, it, vi } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { type DashboardClient, endMatching, OWNER, onSidecar } from "../../dashboard/api/dashboard-client.ts";

/** Several tags with the same settings, of different ranks, looser and stricter than the defaults. */
const TAGS = [
  { tag: "life:brief", absolute_lifetime_secs: 2000 },
  { tag: "life:long", absolute_lifetime_secs: 90_000 },
  { tag: "rest:short", inactivity_timeout_secs: 300 },
  { tag: "rest:long", inactivity_timeout_secs: 9000 },
  { tag: "org:strict", absolute_lifetime_secs: 4000, inactivity_timeout_secs: 1500 },
  { tag: "org:other", absolute_lifetime_secs: 3000 },
  { tag: "one:only", max_concurrent_sessions_per_user_per_tag: 1, on_session_limit_exceeded: "reject_new" },
];
const CONFIG = {
  defaults: { absolute_lifetime_secs: 20_000, inactivity_timeout_secs: 3000, max_concurrent_sessions_per_user: 20 },
  tags: TAGS,
  tag_priority: ["org", "rest"],
};
const USERS = Array.from({ length: 8 }, (_, at) => `user-${at}`);

let sidecar: TestSidecar;
let owner: DashboardClient;

beforeAll(async () => {
  sidecar = await startTestSidecar({ config: CONFIG, env: { INITIAL_OWNER_USERNAME: OWNER } });
  owner = (await onSidecar(sidecar)).owner;
});

/** Pseudo-random numbers, the same in each run. */
function* chance(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state / 2_147_483_648;
  }
}

async function allPages(filter: { sessionTags?: string[] } = {}) {
  const ids: string[] = [];
  for (let page = 0; ; page++) {
    const answer = await sidecar.run("FetchAllSessions", { ...filter, page });
    ids.push(...answer.items.map(({ sessionId }) => sessionId));
    // Every page but the last one is full, so no page hides a session that is over.
    expect(answer.items.length).toBe(Math.min(50, Math.max(0, answer.totalCount - page * 50)));
    if (!answer.hasMoreResults) return { ids: ids.sort(), totalCount: answer.totalCount };
  }
}

async function ofEachUser(): Promise<string[]> {
  const lists = await Promise.all(USERS.map((userId) => sidecar.run("FetchAllSessionsForUser", { userId })));
  return lists.flatMap(({ sessions }) => sessions.map(({ sessionId }) => sessionId)).sort();
}

async function inDashboard() {
  await owner.logIn(owner.username, owner.password);
  const { items } = await owner.get("sessions/list", { state: "active", limit: 100 });
  expect(items.every(({ endedAt }) => endedAt === null)).toBe(true);
  return {
    ids: items.map(({ sessionId }) => sessionId).sort(),
    ...(await owner.get("sessions/count", { state: "active" })),
  };
}

/** Asks every way, and gives how many are active. */
async function agreed(): Promise<number> {
  const ids = await ofEachUser();
  expect(await allPages()).toEqual({ ids, totalCount: ids.length });
  expect(await inDashboard()).toEqual({ ids, count: ids.length, isCapped: false });
  return ids.length;
}

async function change(config: object): Promise<void> {
  const changes = () => sidecar.logs().filter(({ event }) => event === "ConfigChanged").length;
  const before = changes();
  await sidecar.writeConfig(config);
  await vi.waitFor(() => expect(changes()).toBe(before + 1), { timeout: 5000, interval: 50 });
}

describe("which sessions are active", () => {
  it("is the same in every list and count, at any time and after every change of the policy", async () => {
    const random = chance(7);
    const next = () => random.next().value;
    const tokens: string[] = [];
    const counts: number[] = [];
    for (let round = 0; round < 12; round++) {
      for (let at = 0; at < 8; at++) {
        const tags = TAGS.slice(0, 6).flatMap(({ tag }) => (next() < 0.3 ? [tag] : []));
        if (next() < 0.3) tags.push("team:unknown");
        const userId = USERS[Math.floor(next() * USERS.length)] ?? "";
        tokens.push((await sidecar.run("CreateSession", { userId, tags })).sessionToken);
      }
      await sidecar.advance(Math.floor(next() * 1200));
      // Uses that are noted, and not written when the lists are asked for.
      for (const sessionToken of tokens) if (next() < 0.2) await sidecar.command("ValidateSession", { sessionToken });
      await sidecar.advance(Math.floor(next() * 400));
      counts.push(await agreed());
    }
    const tightened = {
      ...CONFIG,
      defaults: { ...CONFIG.defaults, inactivity_timeout_secs: 700 },
      tags: [...TAGS.slice(0, 4), { tag: "team:unknown", absolute_lifetime_secs: 1000 }],
    };
    await change(tightened);
    counts.push(await agreed());
    await change({ ...tightened, tag_priority: ["team", "life"] });
    counts.push(await agreed());
    await change({ defaults: { absolute_lifetime_secs: 86_400 } });
    counts.push(await agreed());
    await sidecar.advance(86_400);
    expect(await agreed()).toBe(0);
    expect(Math.min(...counts)).toBeGreaterThan(2);
    expect(counts.at(-3)).toBeLessThan(counts.at(-4) ?? 0);
    await change(CONFIG);
  });

  it("counts a use that only the memory of this replica has", async () => {
    const { sessionToken, sessionId } = await sidecar.run("CreateSession", { userId: "mem", tags: ["rest:short"] });
    await sidecar.advance(10);
    await sidecar.run("ValidateSession", { sessionToken });
    await sidecar.advance(295);
    const page = await sidecar.run("FetchAllSessions", { userId: "mem" });
    expect(page).toMatchObject({ totalCount: 1, items: [{ sessionId }] });
    await sidecar.advance(10);
    expect(await sidecar.run("FetchAllSessions", { userId: "mem" })).toMatchObject({ totalCount: 0, items: [] });
  });

  it("is what UpdateSessions changes and counts", async () => {
    await crowd("update:crowd", 1001);
    await sidecar.advance(300);
    const { sessionId } = await sidecar.run("CreateSession", { userId: "u", tags: ["update:crowd"] });
    const filter = { sessionTags: ["update:crowd"] };
    expect(await sidecar.run("UpdateSessions", { filter, newMetadata: { a: 1 } })).toEqual({ updatedCount: 1 });
    expect(await allPages(filter)).toEqual({ ids: [sessionId], totalCount: 1 });
  });

  it("is what a user's limits and ends count", async () => {
    const tags = ["rest:short", "one:only"];
    await sidecar.run("CreateSession", { userId: "lim", tags });
    expect(await sidecar.command("CreateSession", { userId: "lim", tags })).toMatchObject({
      status: 409,
      body: { type: "SessionLimitExceeded", details: { currentCount: 1 } },
    });
    await sidecar.advance(300);
    await sidecar.run("CreateSession", { userId: "lim", tags });
    expect(await sidecar.run("InvalidateAllSessionsForUser", { userId: "lim" })).toEqual({ sessionsInvalidated: 1 });
  });

  it("is what the dashboard ends, and counts before", async () => {
    await crowd("end:crowd", 300);
    await sidecar.advance(300);
    const { sessionId } = await sidecar.run("CreateSession", { userId: "e", tags: ["end:crowd"] });
    await owner.logIn(owner.username, owner.password);
    expect(await owner.get("sessions/end-count", { target: { filter: { tag: ["end:crowd"] } } })).toEqual({
      count: 1,
      isCapped: false,
    });
    expect(await endMatching(owner, { tag: ["end:crowd"] })).toMatchObject({ ended: 1 });
    const ended = await sidecar.sql(
      "SELECT id, end_reason FROM byo.sessions WHERE ended_at IS NOT NULL AND tags @> '{end:crowd}'",
    );
    expect(ended).toEqual([{ id: sessionId, end_reason: "Revoked" }]);
  });

  it("is what the overview counts", async () => {
    await sidecar.advance(86_400);
    const clean = await startTestSidecar({ config: CONFIG, env: { INITIAL_OWNER_USERNAME: OWNER } });
    await clean.run("CreateSession", { userId: "a", tags: ["rest:short", "seen:never"] });
    await clean.run("CreateSession", { userId: "b", tags: ["seen:once"] });
    await clean.advance(300);
    const dashboard = await onSidecar(clean);
    const now = Math.floor(Date.now() / 1000);
    expect(await dashboard.owner.get("overview/series", { from: now - 3600, to: now })).toMatchObject({ activeNow: 1 });
    expect(await dashboard.owner.get("overview/top-tags", {})).toEqual({
      tags: [{ tag: "seen:once", sessions: 1 }],
      ofSessions: 1,
    });
    const at = now + 300 + 60;
    const found = async (activeAt: number) => (await dashboard.owner.get("sessions/list", { activeAt })).items;
    expect((await found(at)).map(({ userId }) => userId)).toEqual(["b"]);
    expect(await found(now + 100)).toHaveLength(2);
  });
});

/** Sessions that nobody uses again, without the cost of as many logins. */
async function crowd(tag: string, size: number): Promise<void> {
  await sidecar.sql(
    `INSERT INTO byo.sessions (id, user_id, tags, created_at, expires_at, last_activity_at, salt, gen, cur_hash, since)
     SELECT gen_random_uuid(), 'crowd', ARRAY[$1, 'rest:short'], byo.now(), byo.now() + interval '20000 s', byo.now(),
       'salt', 1, 'hash', byo.now() FROM generate_series(1, $2::int)`,
    [tag, size],
  );
}
