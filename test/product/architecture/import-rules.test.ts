import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { PUBLISHED } from "../../../scripts/published.mjs";
import { circles } from "./circles.ts";
import { readSources, type Source } from "./sources.ts";

const SQL = /\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE|ALTER TABLE)\s+[\w"*$(.]/;

const core = readSources("core/src");
const adapterFolders = readdirSync(".").filter((name) => name.startsWith("middleware-"));
const adapters = adapterFolders.flatMap((name) => readSources(`${name}/src`));
const browser = readSources("browser/src");
const sidecar = readSources("sidecar/src");
const testing = readSources("testing/src");
const folders = [...PUBLISHED.map((name) => `${name}/src`), "sidecar/dashboard/src", "bench/src"];
const published = [...core, ...adapters, ...browser, ...sidecar, ...testing];

/** The imports that break a rule, as `file: import`, so that a failure says where to look. */
function imports(sources: Source[], breaks: (specifier: string, source: Source) => boolean): string[] {
  return sources.flatMap((source) =>
    source.imports.filter((specifier) => breaks(specifier, source)).map((specifier) => `${source.path}: ${specifier}`),
  );
}

function files(sources: Source[], breaks: (source: Source) => boolean): string[] {
  return sources.filter(breaks).map(({ path }) => path);
}

const isOurs = (specifier: string) => specifier.startsWith("@byo-session/");

describe("who may import whom", () => {
  it("finds the sources of every package", () => {
    for (const sources of [core, adapters, browser, sidecar, testing]) expect(sources.length).toBeGreaterThan(0);
  });

  it("core imports no other package of ours", () => {
    expect(imports(core, isOurs)).toEqual([]);
  });

  it("core's main entry uses Web APIs only; Node is for core/node, core/frames and the sidecar's client", () => {
    const allowed = (path: string) => /^core\/src\/(node|frames|sidecar)\//.test(path);
    expect(imports(core, (specifier, { path }) => specifier.startsWith("node:") && !allowed(path))).toEqual([]);
  });

  it("an adapter imports core, core/node and core/web only", () => {
    const allowed = new Set([
      "@byo-session/core",
      ...["node", "node/response", "web"].map((part) => `@byo-session/core/${part}`),
    ]);
    expect(imports(adapters, (specifier) => isOurs(specifier) && !allowed.has(specifier))).toEqual([]);
  });

  it("the browser library imports nothing of ours and nothing of Node", () => {
    expect(imports(browser, (specifier) => isOurs(specifier) || specifier.startsWith("node:"))).toEqual([]);
  });

  it("React is for the browser library's part of that name only", () => {
    const isReactPart = (path: string) => path.startsWith("browser/src/react/");
    expect(imports(browser, (specifier, { path }) => specifier === "react" && !isReactPart(path))).toEqual([]);
  });

  it("the sidecar imports the wire contract and its framing only", () => {
    const allowed = new Set(["@byo-session/core/contract", "@byo-session/core/frames"]);
    expect(imports(sidecar, (specifier) => isOurs(specifier) && !allowed.has(specifier))).toEqual([]);
  });

  it("the test kit imports core and the sidecar, a page of it the browser library; nothing published imports it", () => {
    const allowed = new Set(["@byo-session/core", "@byo-session/core/contract", "@byo-session/sidecar"]);
    const isForPage = (path: string) => path === "testing/src/playwright/device-page.ts";
    expect(
      imports(testing, (specifier, { path }) => isOurs(specifier) && !allowed.has(specifier) && !isForPage(path)),
    ).toEqual([]);
    expect(imports(published, (specifier) => specifier === "@byo-session/testing")).toEqual([]);
  });

  it("no package reaches into another one's folder", () => {
    expect(
      imports(published, (specifier, { path }) => {
        const [folder = ""] = path.split("/");
        return specifier.startsWith(".") && !join(path, "..", specifier).startsWith(`${folder}/`);
      }),
    ).toEqual([]);
  });

  it.each(folders)("in %s, what lies side by side imports one another in no circle, not even for types", (folder) => {
    expect(circles(readSources(folder))).toEqual([]);
  });

  it("a circle is found whether its files lie together or in two folders", () => {
    const source = (path: string, ...imports: string[]): Source => ({ path, code: "", imports });
    const beside = [source("p/a.ts", "./b.ts"), source("p/b.ts", "./c.ts"), source("p/c.ts", "./b.ts", "zod")];
    expect(circles(beside)).toEqual(["p/b.ts: ./c.ts", "p/c.ts: ./b.ts"]);
    const apart = [source("p/x/a.ts", "../y/b.ts"), source("p/y/c.ts", "../x/d.ts", "./b.ts")];
    expect(circles(apart)).toEqual(["p/x/a.ts: ../y/b.ts", "p/y/c.ts: ../x/d.ts"]);
  });

  it("the engine of the sidecar needs nothing beside itself: not the dashboard, nor what puts the two together", () => {
    const engine = readSources("sidecar/src/engine");
    expect(engine.length).toBeGreaterThan(100);
    expect(
      imports(
        engine,
        (specifier, { path }) =>
          !join(path, "..", specifier).startsWith("sidecar/src/engine/") && specifier.startsWith("."),
      ),
    ).toEqual([]);
  });

  it("commands reach the database through services", () => {
    const commands = sidecar.filter(({ path }) => path.startsWith("sidecar/src/engine/commands/"));
    expect(imports(commands, (specifier) => /\/db\/(?!database)|store\.ts$/.test(specifier))).toEqual([]);
  });
});

describe("what belongs where", () => {
  it("SQL is in store.ts and db/ only", () => {
    const allowed = (path: string) => path.startsWith("sidecar/src/engine/db/") || /(^|[-/])store\.ts$/.test(path);
    expect(files(published, ({ path, code }) => !allowed(path) && SQL.test(code))).toEqual([]);
  });

  it("a statement that changes sessions by their ids says so: who remembers them forgets them then", () => {
    const stores = sidecar.filter(({ path }) => path.endsWith("store.ts"));
    const statements = stores.flatMap(({ code }) => code.split(/^(?=(?:export )?const )/m));
    const changing = statements.filter((text) =>
      /UPDATE byo\.sessions SET[\s\S]*WHERE id = (\$1\b|ANY\(\$1\b)/.test(text),
    );
    const saying = statements.filter((text) => text.includes('changes: "session"'));
    expect(changing.length).toBeGreaterThan(5);
    expect(saying).toEqual(changing);
  });

  it("the environment is read in config/ only; the programs hand it over whole", () => {
    // Core's configuration is read in one place too: BYO_URL and BYO_INTEGRATION_KEY.
    const allowed = (path: string) =>
      path.startsWith("sidecar/src/engine/config/") || path === "core/src/settings/settings.ts";
    const isProgram = (path: string) => path === "sidecar/src/main.ts" || path === "sidecar/src/cli.ts";
    const reads = ({ path, code }: Source) => (isProgram(path) ? /process\.env[.[]/ : /process\.env\b/).test(code);
    expect(files(published, (source) => !allowed(source.path) && reads(source))).toEqual([]);
  });

  it("no file exports everything of another one", () => {
    expect(files(published, ({ code }) => /^export \* /m.test(code))).toEqual([]);
  });

  it("no file is named after nothing in particular", () => {
    const vague = /^(utils?|helpers?|common|misc|shared)\.[cm]?[jt]s$/;
    const all = [...published, ...readSources("test"), ...readSources("examples"), ...readSources("scripts")];
    expect(files(all, ({ path }) => vague.test(basename(path)))).toEqual([]);
  });

  it("stays readable: no source file over 300 lines", () => {
    expect(files(published, ({ code }) => code.split("\n").length > 300)).toEqual([]);
  });

  it("every package is known to these rules, to the compiler and to the table of folders", () => {
    const known = ["browser", "core", "sidecar", "testing", ...adapterFolders];
    expect(PUBLISHED.filter((name) => !known.includes(name))).toEqual([]);
    const compiled = [...readFileSync("tsconfig.packages.json", "utf8").matchAll(/"path": "([^"]+)"/g)].map(
      ([, path]) => path,
    );
    expect(compiled.toSorted()).toEqual(PUBLISHED.toSorted());
    const table = readFileSync("ARCHITECTURE.md", "utf8");
    expect(PUBLISHED.filter((name) => !table.includes(`\n| \`${name}/\` |`))).toEqual([]);
  });
});
