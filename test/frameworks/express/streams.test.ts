import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@byo-session/core";
import { expect, it } from "vitest";
import { TEST_INTEGRATION_KEY } from "../../harness/sidecar-environment.ts";
import { startTestSidecar } from "../../harness/test-sidecar.ts";
import { codeBlocks, ROOT, readDocuments } from "../../product/docs/code-blocks.ts";
import { COOKIE, startSessionsApp } from "./sessions-app.ts";

const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/** The example of docs/clients.md itself. */
async function documentedRoutes() {
  const example = readDocuments()
    .flatMap(codeBlocks)
    .find(({ title }) => title === "events.ts");
  const folder = join(ROOT, "test", "output-streams");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "events.ts"), example?.code ?? "");
  return import(join(folder, "events.ts"));
}

it.each(["a logout", "the end of its life", "a sidecar that is away"])(
  "a stream of events ends with %s",
  async (end) => {
    const sidecar = await startTestSidecar();
    const { eventRoutes } = await documentedRoutes();
    const client = createClient({ url: sidecar.url, integrationKey: TEST_INTEGRATION_KEY, timeoutMs: 1000 });
    const app = await startSessionsApp({
      sidecarUrl: sidecar.url,
      routes: (express) => express.use(eventRoutes(client, 50)),
    });
    const browser = await app.loggedIn({}, { userAgent: USER_AGENT });
    const cookie = `${COOKIE}=${await browser.cookie(COOKIE)}`;
    const events = await fetch(`${app.url}/events`, { headers: { cookie, "user-agent": USER_AGENT } });
    expect([events.status, events.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    let isOver = false;
    const text = events.text().finally(() => {
      isOver = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isOver).toBe(false);

    if (end === "a logout") await sidecar.run("InvalidateSessionByToken", { sessionToken: cookie.split("=")[1] });
    else if (end === "the end of its life") await sidecar.advance(1_209_600);
    else await sidecar.stop();
    expect(await text).toBe("event: open\ndata:\n\n");
    client.close();
  },
);
