import { describe, expect, it } from "vitest";
import { CALLS } from "../../../sidecar/src/dashboard/calls.ts";
import { readSources } from "./sources.ts";

const page = readSources("sidecar/dashboard/src");

it("the dashboard's page runs no code of the server but its contract, the sentences and the settings of a policy", () => {
  const shared = /^(\.\.\/)+src\/(dashboard\/(contract|sentences)\/|engine\/policy\/settings?\.ts$)/;
  const reaching = page.flatMap(({ path, imports }) =>
    imports.filter((name) => name.includes("../src/") && !shared.test(name)).map((name) => `${path}: ${name}`),
  );
  expect(page.length).toBeGreaterThan(50);
  // The types of all calls, and nothing else of them.
  expect([...new Set(reaching)]).toEqual(["sidecar/dashboard/src/api/calls.ts: ../../../src/dashboard/calls.ts"]);
  const calls = page.find(({ path }) => path === "sidecar/dashboard/src/api/calls.ts")?.code ?? "";
  expect(calls.match(/^(import|export) (?!type )/gm)).toBeNull();
});

describe("a call of the dashboard", () => {
  const server = readSources("sidecar/src/dashboard");
  const filesWith = (pattern: RegExp) => server.filter(({ code }) => pattern.test(code)).map(({ path }) => path);
  const isTable = (path: string) => /[/-]calls\.ts$/.test(path);

  it("is one record, in a file of calls, and all of these are in CALLS", () => {
    const records = server.flatMap(({ path, code }) =>
      [...code.matchAll(/^(.*)\b(?:call|openCall)\(\{$/gm)].map(([, before = ""]) => ({ path, before })),
    );
    expect(records.filter(({ path }) => !isTable(path))).toEqual([]);
    expect(records.map(({ before }) => before.trim()).sort()).toEqual(
      Object.keys(CALLS)
        .map((name) => `"${name}":`)
        .sort(),
    );
  });

  it("has its input in that record, made of shared fields", () => {
    const shared = ["fields", "sessions/filter-input", "webhooks/endpoint-input"].map(
      (name) => `sidecar/src/dashboard/${name}.ts`,
    );
    const schemas = filesWith(/^import \{ z \} from "zod"/m);
    expect(schemas.filter((path) => !isTable(path)).sort()).toEqual(shared);
  });

  it("has no route elsewhere: all are made of CALLS, beside the one of the page", () => {
    expect(filesWith(/\b(app|scope)\.(route|get|post|put|patch|delete|all)\(/)).toEqual([
      "sidecar/src/dashboard/http/call-routes.ts",
      "sidecar/src/dashboard/http/page-routes.ts",
    ]);
  });
});

it("shows everything as text: nothing in the page makes markup or code of a string", () => {
  const makers = /dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/;
  expect(page.filter(({ code }) => makers.test(code)).map(({ path }) => path)).toEqual([]);
});

it("asks the server in one place only", () => {
  expect(page.filter(({ code }) => /\bfetch\(/.test(code)).map(({ path }) => path)).toEqual([
    "sidecar/dashboard/src/api/call.ts",
  ]);
});
