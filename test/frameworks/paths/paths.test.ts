import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPathProxy } from "../../harness/path-proxy.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { CASES, type Reached } from "./cases.ts";
import type { Place } from "./host.ts";
import { express4Places, express5Places } from "./hosts/express.ts";
import { fastify5Places } from "./hosts/fastify.ts";
import { h3Places } from "./hosts/h3.ts";
import { honoPlaces } from "./hosts/hono.ts";
import { koa2Places, koa3Places } from "./hosts/koa.ts";
import { PROXIES } from "./proxies.ts";

const HOSTS: Readonly<Record<string, readonly Place[]>> = {
  "Express 5": express5Places,
  "Express 4": express4Places,
  "Fastify 5": fastify5Places,
  "Koa 3": koa3Places,
  "Koa 2": koa2Places,
  "Hono 4": honoPlaces,
  "h3 2": h3Places,
};

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startTestSidecar();
});

describe.each(Object.entries(HOSTS))("%s", (_host, places) => {
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
  const documented = rows.map(([, place, frameworks]) => [place, frameworks]);
  const placesOf = (framework: string) =>
    Object.entries(HOSTS).flatMap(([host, places]) =>
      host.startsWith(framework) ? places.map(({ title }) => title) : [],
    );
  const frameworks = ["Express", "Fastify", "Koa", "Hono", "h3"];
  const tested = new Map(frameworks.flatMap(placesOf).map((title) => [title, ""]));
  for (const title of tested.keys()) {
    tested.set(title, frameworks.filter((framework) => placesOf(framework).includes(title)).join(", "));
  }
  expect(new Map(documented.map(([place = "", of = ""]) => [place, of]))).toEqual(tested);
});

test("there is a place of each framework for each proxy", () => {
  for (const places of Object.values(HOSTS)) {
    for (const { title, fits } of PROXIES) expect([title, places.some(fits)]).toEqual([title, true]);
  }
});
