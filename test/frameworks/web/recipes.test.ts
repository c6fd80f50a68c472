import { beforeAll, describe, expect, it } from "vitest";
import { type BrowserClient, createBrowserClient } from "../../harness/browser-client.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { ours, UNTIL_ROTATION_SECS } from "../conformance/case.ts";
import { type Recipe, startRecipe } from "./recipe-app.ts";

/** The code that docs/web.md tells users of these hosts to write, each in a build of the real one. */
const RECIPES: readonly Recipe[] = [
  {
    name: "Astro 7",
    heading: "Astro",
    dependencies: ["astro@7.3.5", "@astrojs/node@11.1.6"],
    files: {
      "astro.config.mjs": `
        import node from "@astrojs/node";
        import { defineConfig } from "astro/config";

        export default defineConfig({ output: "server", adapter: node({ mode: "standalone" }) });
      `,
      "src/pages/early.astro": "---\nexport const prerender = true;\n---\n<p>the same for everyone</p>\n",
    },
    build: ["node_modules/astro/bin/astro.mjs", "build"],
    server: "dist/server/entry.mjs",
  },
  {
    name: "Nitro 3",
    heading: "h3 and Nitro",
    dependencies: ["nitro@3.0.0"],
    files: {
      "nitro.config.ts": `
        import { defineNitroConfig } from "nitro/config";

        export default defineNitroConfig({ srcDir: "server" });
      `,
      "server/routes/early.get.ts": 'export default () => "the same for everyone";\n',
    },
    build: ["node_modules/nitro/dist/cli/index.mjs", "build"],
    server: ".output/server/index.mjs",
  },
];

describe.each(RECIPES)("the recipe of $name", (recipe) => {
  let sidecar: TestSidecar;
  let url: string;
  beforeAll(async () => {
    sidecar = await startTestSidecar();
    url = await startRecipe(recipe, { BYO_URL: sidecar.url, BYO_INTEGRATION_KEY: sidecar.integrationKey });
  }, 300_000);

  async function loggedIn(): Promise<BrowserClient> {
    const client = createBrowserClient(url);
    const answer = await client.fetch("/log-in", { method: "POST" });
    expect([answer.status, answer.headers.location, ours(answer).length]).toEqual([303, "/account", 1]);
    return client;
  }

  it("guards a page, which sends page loads to the login", async () => {
    const { status, headers } = await createBrowserClient(url).fetch("/account", { navigate: true });
    expect([status, headers.location]).toEqual([302, "/login?returnTo=%2Faccount"]);
    expect((await createBrowserClient(url).fetch("/account")).status).toBe(401);
  });

  it("logs in, shows the session, rotates and logs out", async () => {
    const client = await loggedIn();
    expect((await client.fetch("/account", { navigate: true })).text).toContain(
      "Hello the id that your own login found",
    );
    await sidecar.advance(UNTIL_ROTATION_SECS);
    expect(ours(await client.fetch("/account", { navigate: true }))).toHaveLength(1);
    expect((await client.fetch("/session")).json()).toMatchObject({ session: { userId: expect.any(String) } });
    expect((await client.fetch("/session/logout", { method: "POST" })).status).toBe(204);
    expect((await client.fetch("/account")).json()).toMatchObject({ reason: "NoSession" });
  });

  it("refuses a change from another site", async () => {
    const client = await loggedIn();
    expect((await client.fetch("/log-in", { method: "POST", site: "cross-site" })).status).toBe(403);
  });

  it("shows what is the same for everyone", async () => {
    expect((await createBrowserClient(url).fetch("/early")).text).toContain("the same for everyone");
  });
});
