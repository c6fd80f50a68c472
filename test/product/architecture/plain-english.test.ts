import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "./sources.ts";

/** Turns of phrase that read as archaic or translated, and what to write instead. */
const TURNS: readonly (readonly [turn: string, instead: string])[] = [
  ["who(?:m|so)?ever", "anyone who, or name the caller"],
  ["for ever", "forever"],
  ["(?:that|which|what) (?:is|are|was|were) none|are none", "is not one, or say what it is instead"],
  ["shall|ought to", "should, must or will"],
  ["(?:it|that|which|who|session|token|user) (?:is|are) no more(?! than)", "has ended, no longer exists"],
  ["(?:could|can) not be had|to be had", "is not available"],
  ["for so long (?:a|it|that)|so long (?:a|it)", "for this long"],
  ["of late", "recently"],
  ["thereof|therein|thereupon|wherein|whereby|whereupon|hereby|henceforth|hitherto", "plain words"],
  ["lest|albeit|whilst|amongst|unto|nought", "plain words"],
  ["upon", "on"],
  ["he|him|his|himself", "they, or name the role"],
  ["one's own", "your own, its own"],
  ["mend|mends|mended", "fix"],
  ["anew", "again"],
  ["told of|tells of", "reports, notifies"],
  ["in (?:the )?place of", "instead of"],
  ["so long,", "for this long"],
  ["without a sign", "silently"],
  ["for want of", "because there is no"],
  ["the one that is meant", "the right one"],
  ["look-ups?|set-ups?|roll-outs?|sub-domains?", "one word"],
  ["(?<![/\\w-])log-(?:in|out)s?(?![\\w-])", "login, logout; log in, log out"],
];

const ANY_TURN = new RegExp(TURNS.map(([turn]) => `\\b(?:${turn})\\b`).join("|"), "gi");

it("comments, texts and documents are in plain English", () => {
  const paths = globSync("**/*.{ts,tsx,mjs,md,sql,yaml,jsonc}", { cwd: ROOT, exclude: isNotOurs }).filter(mayChange);
  expect(paths.length).toBeGreaterThan(500);
  const found = paths.flatMap((path) =>
    [...readFileSync(join(ROOT, path), "utf8").matchAll(ANY_TURN)].map(
      ([turn]) => `${path}: "${turn}"; write ${insteadOf(turn)}`,
    ),
  );
  expect(found).toEqual([]);
});

it("a bound is called MAX_ or MIN_, and nothing else", () => {
  const other =
    /\b(?:(?:MOST|LONGEST|LARGEST|FEWEST|LEAST|SHORTEST|SMALLEST)_[A-Z]\w*|[A-Z_]+_(?:MAX|MIN)|(?:most|longest|fewest)[A-Z]\w*)\b/g;
  const found = globSync("**/*.{ts,tsx,mjs}", { cwd: ROOT, exclude: isNotOurs })
    .filter(mayChange)
    .flatMap((path) => [...readFileSync(join(ROOT, path), "utf8").matchAll(other)].map(([name]) => `${path}: ${name}`));
  expect(found).toEqual([]);
});

it("a turn is found wherever it is in a text, and a usual word is not one", () => {
  const found = (text: string) => text.match(ANY_TURN) ?? [];
  expect(found("Whoever has it shall keep it for ever, upon his log-in.")).toEqual([
    "Whoever",
    "shall",
    "for ever",
    "upon",
    "his",
    "log-in",
  ]);
  expect(found('The history of this; "pages/api/log-in.ts"; no more than one; there is none.')).toEqual([]);
});

/** Folders, by name, of what others wrote or a tool made. */
function isNotOurs(name: string): boolean {
  return /^(node_modules|dist|output.*|\..*)$/.test(name);
}

/** Not what a run measured, nor what is generated, nor released migrations, nor the list above. */
function mayChange(path: string): boolean {
  return !/^docs\/results\/|\.generated\.ts$|-lock\.yaml$|migrations\/00000[1-6]\.sql$|plain-english\.test\.ts$/.test(
    path,
  );
}

function insteadOf(turn: string): string {
  return TURNS.find(([pattern]) => new RegExp(`^(?:${pattern})$`, "i").test(turn))?.[1] ?? "it in plain words";
}
