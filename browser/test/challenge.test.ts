import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { challengeIn, createChallengeHolder } from "../src/challenge.ts";

const LIFE_MS = 600_000;

/** A server whose challenges are c1, c2 and so on, and whose clock may differ from this one. */
function setUp({ serverAheadMs = 0 } = {}) {
  const server = { fetches: 0, isDown: false };
  const holder = createChallengeHolder(async () => {
    server.fetches++;
    if (server.isDown) throw new TypeError("Failed to fetch");
    return next();
  });
  const next = () => ({
    deviceChallenge: `c${server.fetches}`,
    expiresAt: new Date(Date.now() + serverAheadMs + LIFE_MS),
  });
  return { server, holder };
}

describe("the challenge that is held", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is fetched once for all who wait for it", async () => {
    const { server, holder } = setUp();
    const got = await Promise.all(Array.from({ length: 20 }, () => holder.current()));
    expect(new Set(got)).toEqual(new Set(["c1"]));
    expect(server.fetches).toBe(1);
  });

  it("is renewed at half its life, beside the request that notices", async () => {
    const { server, holder } = setUp();
    await holder.current();
    await vi.advanceTimersByTimeAsync(LIFE_MS / 2 - 1);
    await holder.current();
    expect(server.fetches).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await Promise.all([holder.current(), holder.current()])).toEqual(["c1", "c1"]);
    await vi.advanceTimersByTimeAsync(0);
    expect(server.fetches).toBe(2);
    expect(await holder.current()).toBe("c2");
  });

  it("is prepared ahead of the next request: at half its life, and after its end; once in a while if that fails", async () => {
    const { server, holder } = setUp();
    holder.prepare();
    holder.prepare();
    await vi.advanceTimersByTimeAsync(LIFE_MS / 2 - 1);
    holder.prepare();
    expect(server.fetches).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    holder.prepare();
    await vi.advanceTimersByTimeAsync(LIFE_MS * 2);
    holder.prepare();
    await vi.advanceTimersByTimeAsync(0);
    expect([server.fetches, await holder.current()]).toEqual([3, "c3"]);
    await vi.advanceTimersByTimeAsync(LIFE_MS * 2);
    server.isDown = true;
    for (let clicks = 0; clicks < 5; clicks++) {
      holder.prepare();
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(server.fetches).toBe(4);
  });

  it("is not renewed while nothing is requested: an idle session stays idle", async () => {
    const { server, holder } = setUp();
    await holder.current();
    await vi.advanceTimersByTimeAsync(LIFE_MS * 10);
    expect(server.fetches).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
    expect(await holder.current()).toBe("c2");
  });

  it("stays in use while a renewal fails, which is tried again after a pause", async () => {
    const { server, holder } = setUp();
    await holder.current();
    server.isDown = true;
    await vi.advanceTimersByTimeAsync(LIFE_MS / 2);
    for (let request = 0; request < 5; request++) expect(await holder.current()).toBe("c1");
    expect(server.fetches).toBe(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await holder.current()).toBe("c1");
    expect(server.fetches).toBe(3);
    await vi.advanceTimersByTimeAsync(LIFE_MS / 2);
    await expect(holder.current()).rejects.toThrow("Failed to fetch");
    server.isDown = false;
    expect(await holder.current()).toBe("c5");
  });

  it.each([-5, 5])("is used and renewed also where the clocks are %d hours apart", async (hours) => {
    const { server, holder } = setUp({ serverAheadMs: hours * 3_600_000 });
    for (let request = 0; request < 5; request++) expect(await holder.current()).toBe("c1");
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await holder.current()).toBe("c1");
    expect(server.fetches).toBe(2);
  });

  it("is replaced once when 20 answers refuse it, and not when it was replaced already", async () => {
    const { server, holder } = setUp();
    await holder.current();
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => holder.replace("c1"))))).toEqual(new Set(["c2"]));
    expect(await holder.replace("c1")).toBe("c2");
    expect(server.fetches).toBe(2);
  });
});

describe("the end of a challenge", () => {
  const SERVER_MS = Date.UTC(2030, 0, 1);
  const challenge = { deviceChallenge: "c1", expiresAt: SERVER_MS / 1000 + 600 };

  it("is converted to this device's clock by the Date of the response", () => {
    const answer = new Response(null, { headers: { date: new Date(SERVER_MS).toUTCString() } });
    const lifeMs = Number(challengeIn(challenge, answer)?.expiresAt) - Date.now();
    expect(lifeMs).toBeLessThanOrEqual(600_000);
    expect(lifeMs).toBeGreaterThan(590_000);
  });

  it("is used as it is if another origin's response does not expose a Date", () => {
    expect(challengeIn(challenge, new Response())?.expiresAt.getTime()).toBe(SERVER_MS + 600_000);
  });

  it.each([{}, { deviceChallenge: "c1" }, { ...challenge, expiresAt: "soon" }, { ...challenge, deviceChallenge: 1 }])(
    "is not in %j, which is no challenge",
    (json) => expect(challengeIn(json, new Response())).toBeUndefined(),
  );
});
