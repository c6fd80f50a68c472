import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { readSources, type Source } from "../../product/architecture/sources.ts";
import { ROOT } from "../../product/docs/code-blocks.ts";
import { EVERY_HEADER } from "./headers.ts";

/** The code that runs in the application's server. The page's script is bundled from the browser library. */
const FOLDERS = ["core", ...readdirSync(ROOT).filter((name) => name.startsWith("middleware-"))].map(
  (name) => `${name}/src`,
);
const NOT_OURS = /script\.generated\.ts$/;

/** `view.header("x")`, `headers.get(X)`, `headers["x"]`. */
const BY_NAME = /(?:\bheader\(|\bheaders\s*\??\.\s*(?:get|has)\(|\bheaders\s*(?:\?\.)?\[)\s*([^)\],]+)/g;
/** `headers.cookie`, and no method of headers or lists. */
const AS_PROPERTY = /\bheaders\??\.([a-z]\w*)\b(?!\s*\(|")/g;
/** `const PROTOCOL_HEADERS = ["x"]`, where a file reads each of a list. */
const LISTED = /const \w*HEADERS = \[([^\]]*)\]/g;
/** `const { cookie } = request.headers`. */
const UNPACKED = /\{([^{}]*)\}\s*=\s*[\w.]*\bheaders\b/g;

it("every header that the code reads is among those that clients are tried with", () => {
  const sources = FOLDERS.flatMap(readSources).filter(({ path }) => !NOT_OURS.test(path));
  const read = headersReadBy(sources);
  expect(read).toEqual(
    expect.arrayContaining(["dpop", "cookie", "sec-fetch-mode", "x-byo-session", "x-forwarded-proto"]),
  );
  const tried = new Set(["cookie", ...EVERY_HEADER.map(([name]) => name)]);
  expect(
    // A pseudo-header of HTTP/2 cannot be sent over HTTP/1, which all of this goes by.
    read.filter((name) => !tried.has(name) && !name.startsWith(":")),
    "add them to headers.ts",
  ).toEqual([]);
});

it("every host of the conformance is tried", () => {
  const filesOf = (folder: string) => readSources(folder).map(({ path }) => /\/([\w-]+)\.test\.ts$/.exec(path)?.[1]);
  const hosts = filesOf("test/frameworks/conformance").filter((name) => name !== undefined && /-\d+$/.test(name));
  expect(filesOf("test/frameworks/client-inputs")).toEqual(expect.arrayContaining(hosts));
});

it("a read of a header is found in each of its spellings", () => {
  const code = `const NEW = "x-new"; view.header("a"); headers.get("b"); headers.has(NEW); req.headers["c"]; headers.dpop;
    const { cookie, upgrade: other } = req.headers; headers.get(name); headers.map((one) => one); \`X-\${name}\`;
    const SOME_HEADERS = ["x-listed"]; SOME_HEADERS.some((name) => view.header(name))`;
  const found = headersReadBy([{ path: "x.ts", code, imports: [] }]);
  expect(found).toEqual(["a", "b", "c", "cookie", "dpop", "upgrade", "x-listed", "x-new"]);
  const unknown = () => headersReadBy([{ path: "x.ts", code: "headers.get(chosen)", imports: [] }]);
  expect(unknown).toThrow("x.ts");
});

function headersReadBy(sources: readonly Source[]): string[] {
  const constants = new Map(
    sources.flatMap(({ code }) =>
      [...code.matchAll(/const (\w+) = "([^"]+)"/g)].map(([, name, value]) => [name, value]),
    ),
  );
  const names = sources.flatMap(({ path, code }) => [
    ...[...code.matchAll(BY_NAME)].flatMap(([, argument = ""]) => nameIn(argument.trim(), path, constants)),
    ...(code.includes(".header(name)") ? [...code.matchAll(LISTED)].flatMap(([, list = ""]) => textsIn(list)) : []),
    ...[...code.matchAll(AS_PROPERTY)].map(([, name = ""]) => name),
    ...[...code.matchAll(UNPACKED)].flatMap(([, list = ""]) => list.split(",").map((one) => one.split(":")[0] ?? "")),
  ]);
  return [...new Set(names.map((name) => name.trim().toLowerCase()).filter(Boolean))].toSorted();
}

function textsIn(list: string): string[] {
  return [...list.matchAll(/"([^"]+)"/g)].map(([, text = ""]) => text);
}

function nameIn(
  argument: string,
  path: string,
  constants: ReadonlyMap<string | undefined, string | undefined>,
): string[] {
  const literal = /^["'`]([^"'`$]+)["'`]$/.exec(argument)?.[1] ?? constants.get(argument);
  if (literal !== undefined) return [literal];
  // The view's own parameter, which the adapters hand through; or a place in a list of lines.
  if (/^(name(: string)?|\d+)$/.test(argument)) return [];
  throw new Error(`${path}: which header is read by "${argument}"? Give it a name, or a constant of text`);
}
