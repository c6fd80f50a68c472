import { describe, expect, it } from "vitest";
import { createSessionCache } from "../../src/engine/sessions/read/cache.ts";
import type { SessionRow } from "../../src/engine/sessions/session.ts";
import { ID, LOGIN_MS, rowWith } from "./fixtures.ts";

const NOW = LOGIN_MS + 120_000;

/** A cache over reads that are answered when the test says so. */
function heldCache(now: () => number | undefined = () => NOW, latest: () => number | undefined = () => undefined) {
  const answers: ((row: SessionRow | undefined) => void)[] = [];
  const asked: string[] = [];
  const cache = createSessionCache({
    read: () => new Promise((resolve) => answers.push(resolve)),
    uses: { latest },
    now,
    onAsked: (answer) => asked.push(answer),
  });
  /** Reads, and runs something during the read. */
  async function read(row: SessionRow | undefined, meanwhile: () => void = () => {}): Promise<void> {
    const reading = cache.read(ID);
    meanwhile();
    answers.shift()?.(row);
    await reading;
  }
  return { cache, read, asked, answers };
}

describe("a remembered session", () => {
  it("is the row that was read, at the current time", async () => {
    const { cache, read, asked } = heldCache();
    expect(cache.remembered(ID)).toBeUndefined();
    await read(rowWith());
    expect(cache.remembered(ID)).toEqual(rowWith({ now: NOW }));
    expect(asked).toEqual(["miss", "hit"]);
  });

  it("never goes back in time", async () => {
    const { cache, read } = heldCache(() => LOGIN_MS);
    await read(rowWith());
    expect(cache.remembered(ID)?.now).toBe(rowWith().now);
  });

  it("cannot be changed by who got it", async () => {
    const { cache, read } = heldCache();
    await read(rowWith());
    const row = cache.remembered(ID);
    if (row) Object.assign(row, { lastActivityAt: 0 });
    expect(cache.remembered(ID)?.lastActivityAt).toBe(LOGIN_MS);
  });

  it("has the latest use, and keeps only what the database has", async () => {
    let noted: number | undefined = NOW + 1;
    const { cache, read } = heldCache(undefined, () => noted);
    await read(rowWith());
    expect(cache.remembered(ID)?.lastActivityAt).toBe(NOW + 1);
    noted = undefined;
    expect(cache.remembered(ID)?.lastActivityAt).toBe(LOGIN_MS);
  });

  it("learns when it was used, and nothing else", async () => {
    const { cache, read } = heldCache();
    await read(rowWith());
    cache.used([
      { id: ID, at: NOW },
      { id: "unknown", at: NOW },
    ]);
    expect(cache.remembered(ID)).toEqual(rowWith({ now: NOW, lastActivityAt: NOW }));
    expect(cache.remembered("unknown")).toBeUndefined();
  });

  it("is never one that has ended, nor one that does not exist", async () => {
    const { cache, read } = heldCache();
    await read(rowWith({ endReason: "Revoked" }));
    expect(cache.remembered(ID)).toBeUndefined();
    await read(undefined);
    expect(cache.remembered(ID)).toBeUndefined();
  });

  it("is forgotten when it changes, also while it is being read", async () => {
    const { cache, read } = heldCache();
    await read(rowWith());
    cache.forget(ID);
    expect(cache.remembered(ID)).toBeUndefined();
    await read(rowWith(), () => cache.forget(ID));
    expect(cache.remembered(ID)).toBeUndefined();
    await read(rowWith(), () => cache.forgetAll());
    expect(cache.remembered(ID)).toBeUndefined();
  });

  it("is the one of the read that began last", async () => {
    const { cache, answers } = heldCache();
    const first = cache.read(ID);
    const second = cache.read(ID);
    answers[1]?.(rowWith({ gen: 2 }));
    await second;
    answers[0]?.(rowWith({ gen: 1 }));
    await first;
    expect(cache.remembered(ID)?.gen).toBe(2);
  });

  it("is not used, and not kept, while no notifications arrive", async () => {
    let now: number | undefined = NOW;
    const { cache, read, asked } = heldCache(() => now);
    await read(rowWith());
    now = undefined;
    expect(cache.remembered(ID)).toBeUndefined();
    expect(asked).toEqual(["unsure"]);
    cache.forgetAll();
    await read(rowWith(), () => {
      now = NOW;
    });
    expect(cache.remembered(ID)).toBeUndefined();
  });

  it("is evicted when the cache is full", async () => {
    const { cache, answers } = heldCache();
    const metadata = { text: "x".repeat(60_000) };
    for (let index = 0; index < 400; index++) {
      const reading = cache.read(`session-${index}`);
      answers.shift()?.(rowWith({ id: `session-${index}`, metadata }));
      await reading;
    }
    expect(cache.remembered("session-0")).toBeUndefined();
    expect(cache.remembered("session-399")).toBeDefined();
  });
});
