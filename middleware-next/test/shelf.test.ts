import { describe, expect, it } from "vitest";
import { Shelf, theShelf } from "../src/shelf.ts";
import { ELSEWHERE, OTHER_TOKENS, outcome, place, tokens, word } from "./words.ts";

let nowMs = 1000;
const shelf = new Shelf(() => nowMs);

describe("a word on the shelf", () => {
  it("is found by its name for the same request, and by an unguessable one only", async () => {
    const name = shelf.put(word);
    expect(name).toMatch(/^[0-9a-f]{48}$/);
    expect(shelf.put(word)).not.toBe(name);
    const taken = shelf.take(name, place);
    expect(taken).toMatchObject({ method: "GET", setsCookie: true });
    expect(await taken?.recall(tokens)).toBe(outcome);
  });

  it("is found where the request was rewritten to, and by a page that is not told its method", () => {
    for (const one of [{ target: "/en/account?a=1" }, { method: undefined }, { method: "HEAD" }]) {
      expect(shelf.take(shelf.put(word), { ...place, ...one })).toBeDefined();
    }
  });

  it("serves once", () => {
    const name = shelf.put(word);
    expect(shelf.take(name, place)).toBeDefined();
    expect(shelf.take(name, place)).toBeUndefined();
  });

  it.each(ELSEWHERE)("is worth nothing to %s, and nothing to anybody after that", (_name, elsewhere) => {
    const name = shelf.put(word);
    expect(shelf.take(name, elsewhere)).toBeUndefined();
    expect(shelf.take(name, place)).toBeUndefined();
  });

  it("says nothing about other tokens, nor about more or fewer or another order", async () => {
    const taken = shelf.take(shelf.put(word), place);
    for (const others of OTHER_TOKENS) expect(await taken?.recall(others)).toBeUndefined();
  });

  it("works for ten seconds", () => {
    const name = shelf.put(word);
    nowMs += 10_000;
    expect(shelf.take(name, place)).toBeUndefined();
  });

  it.each(["", "__proto__", "constructor", "x".repeat(10_000), "\u0000"])("is not found by %j", (name) => {
    expect(shelf.take(name, place)).toBeUndefined();
  });
});

it("keeps at most a thousand words, the newest ones", () => {
  const names = Array.from({ length: 1500 }, () => shelf.put(word));
  const found = names.filter((name) => shelf.take(name, place) !== undefined);
  expect(found).toEqual(names.slice(-1000));
});

it("is one in the whole process", () => {
  expect(theShelf()).toBe(theShelf());
});

describe("what the server expects of the proxy", () => {
  const silent = { ...word, finding: undefined };

  it("is noted for the targets of a word that says nothing, and for these sessions only", () => {
    const home = new Shelf(() => nowMs);
    expect(home.expects(word)).toBe(false);
    home.take(home.put(silent), place)?.expect?.();
    for (const target of word.targets) expect(home.expects({ ...word, targets: [target] })).toBe(true);
    expect(home.expects({ ...word, targets: ["/other"] })).toBe(false);
    expect(home.expects({ ...word, realm: "__Host-adminToken" })).toBe(false);
  });

  it("cannot be said of a word that tells what the proxy has found out: a page would lead to itself again and again", () => {
    expect(shelf.take(shelf.put(word), place)?.expect).toBeUndefined();
  });

  it("is remembered of a thousand targets, the newest ones", () => {
    const home = new Shelf(() => nowMs);
    const targets = Array.from({ length: 1500 }, (_, at) => `/${at}?`);
    for (const target of targets) {
      home.take(home.put({ ...silent, targets: [target] }), { ...place, target })?.expect?.();
    }
    const known = targets.filter((target) => home.expects({ ...word, targets: [target] }));
    expect(known).toEqual(targets.slice(-1000));
  });
});
