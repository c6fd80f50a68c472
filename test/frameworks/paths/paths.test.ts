import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPathProxy } from "../../harness/path-proxy.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { hostsIn } from "../hosts-in.ts";
import { CASES, type Reached } from "./cases.ts";
import type { PathHost } from "./host.ts";
import { PROXIES } from "./proxies.ts";

const isHost = (exported: object): exported is PathHost => "places" in exported;
const HOSTS = await hostsIn(new URL("hosts/", import.meta.url), isHost);

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startTestSidecar();
});

describe.each(HOSTS)("$name", ({ places }) => {
  describe.each(places)("$title, below $path", (place) => {
    describe.each(PROXIES.filter(({ fits }) => fits(place)))("$title", (proxy) => {
      let app: Reached;
      let stop: () => Promise<void>;
      beforeAll(async () => {
        const change = proxy.changeOf(place);
        const base = proxy.baseOf(place);
        let publicUrl = "";
        const running = await place.start({
          ...{ url: sidecar.url, integrationKey: sidecar.integrationKey, loginUrl: "/sign-in" },
          routes: { prefix: "/session" },
          // The ports are known once everything listens.
          publicUrl: () => publicUrl,
          ...(change?.adds !== undefined && { addedPrefix: change.adds }),
        });
        const origin = change ? await startPathProxy(running.url, change) : running.url;
        publicUrl = origin + base;
        app = { origin, base };
        stop = running.stop;
      });
      afterAll(() => stop());

      for (const [name, run] of Object.entries(CASES)) test(name, () => run(app));
    });
  });
});

test("docs/paths.md names these places, and the frameworks of each", async () => {
  const text = await readFile("docs/paths.md", "utf8");
  const [, section = ""] = text.split("## What works where");
  const rows = [...section.matchAll(/^\| ([^|]+) \| [^|]+ \| ([A-Z][^|]+) \|$/gm)];
  const documented = rows.map(([, place = "", frameworks = ""]) => [place, new Set(frameworks.split(", "))] as const);
  const tested = HOSTS.flatMap(({ name, places }) =>
    places.map(({ title }) => [title, name.replace(/ \d+$/, "")] as const),
  );
  const frameworksOf = (place: string) => new Set(tested.filter(([title]) => title === place).map(([, of]) => of));
  expect(new Map(documented)).toEqual(new Map(tested.map(([title]) => [title, frameworksOf(title)])));
});

test("there is a place of each framework for each proxy", () => {
  for (const { places } of HOSTS) {
    for (const { title, fits } of PROXIES) expect([title, places.some(fits)]).toEqual([title, true]);
  }
});
