import { expect, it } from "vitest";
import { readSources } from "./sources.ts";

const page = readSources("sidecar/dashboard/src");

it("the dashboard's page takes of the server only the contract of its calls, the sentences and the settings of a policy", () => {
  const allowed = /^(\.\.\/)+src\/(dashboard\/(contract|sentences)\/(?!schemas)|engine\/policy\/settings?\.ts$)/;
  const reaching = page.flatMap(({ path, imports }) =>
    imports.filter((name) => name.includes("../src/") && !allowed.test(name)).map((name) => `${path}: ${name}`),
  );
  expect(page.length).toBeGreaterThan(50);
  expect(reaching).toEqual([]);
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
