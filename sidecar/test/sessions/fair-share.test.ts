import { describe, expect, it } from "vitest";
import { createFairShare, TooBusy } from "../../src/engine/sessions/fair-share.ts";

/** Work that ends when the test says so. */
function heldWork(log: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work = () => {
    log.push(name);
    return promise;
  };
  return { work, finish: () => resolve(name), fail: () => reject(new Error(name)) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("the share of one session or user", () => {
  it("is two at a time, the others in the order in which they came", async () => {
    const share = createFairShare();
    const started: string[] = [];
    const works = ["a", "b", "c", "d"].map((name) => heldWork(started, name));
    const answers = works.map(({ work }) => share("ada", work));
    await turn();
    expect(started).toEqual(["a", "b"]);
    works[1]?.finish();
    await turn();
    expect(started).toEqual(["a", "b", "c"]);
    works[0]?.finish();
    works[2]?.finish();
    works[3]?.finish();
    expect(await Promise.all(answers)).toEqual(["a", "b", "c", "d"]);
  });

  it("is nobody else's", async () => {
    const share = createFairShare();
    const started: string[] = [];
    const works = ["a", "b", "c"].map((name) => heldWork(started, name));
    const answers = works.map(({ work }) => share("ada", work));
    await expect(share("bea", async () => "done")).resolves.toBe("done");
    for (const { finish } of works) finish();
    await Promise.all(answers);
  });

  it("holds however many others come and go meanwhile", async () => {
    const share = createFairShare();
    const started: string[] = [];
    const works = ["a", "b", "c"].map((name) => heldWork(started, name));
    const answers = works.slice(0, 2).map(({ work }) => share("ada", work));
    for (let other = 0; other < 2000; other++) await share(`other-${other}`, async () => {});
    const [, , last] = works;
    if (last) answers.push(share("ada", last.work));
    await turn();
    expect(started).toEqual(["a", "b"]);
    for (const { finish } of works) finish();
    expect(await Promise.all(answers)).toEqual(["a", "b", "c"]);
  });

  it("is passed on by work that fails", async () => {
    const share = createFairShare();
    const started: string[] = [];
    const works = ["a", "b", "c"].map((name) => heldWork(started, name));
    const answers = works.map(({ work }) => share("ada", work));
    works[0]?.fail();
    await expect(answers[0]).rejects.toThrow("a");
    works[1]?.finish();
    works[2]?.finish();
    await expect(answers[2]).resolves.toBe("c");
  });

  it("has a bounded queue, and room again afterwards", async () => {
    const share = createFairShare();
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = Array.from({ length: 2002 }, () => share("ada", () => promise));
    await expect(share("ada", async () => {})).rejects.toBeInstanceOf(TooBusy);
    resolve();
    await Promise.all(waiting);
    await expect(share("ada", async () => "done")).resolves.toBe("done");
  });
});
