import { beforeAll, describe, expect, test } from "vitest";
import { createBrowserClient } from "../../../harness/browser-client.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { hostsIn } from "../../hosts-in.ts";
import { COOKIE, tokenOf, UNTIL_ROTATION_SECS } from "../case.ts";
import type { ConformanceHost } from "../host.ts";

const isHost = (exported: object): exported is ConformanceHost => "endings" in exported;
/** Without Next, whose apps are built first. */
const HOSTS = (await hostsIn(new URL("../hosts/", import.meta.url), isHost)).filter(
  ({ name }) => !name.startsWith("Next"),
);
/** Errors that need a database with several connections: simultaneous requests of one browser. */
const AT_ONCE = 30;

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

describe.each(HOSTS.map((host) => [host.name, host] as const))("%s, at the same moment", (name, host) => {
  let url: string;

  beforeAll(async () => {
    const { url: sidecarUrl, integrationKey } = sidecar;
    ({ url } = await host.start({ sidecarUrl, integrationKey, options: { timeoutMs: 10_000 } }));
  });

  async function loggedIn(userId: string) {
    const browser = createBrowserClient(url);
    expect((await browser.fetch("/login", { json: { userId } })).status).toBe(200);
    return browser;
  }

  test("30 requests of one browser at the boundary: one successor, and nobody is logged out", async () => {
    const browser = await loggedIn(`${name} boundary`);
    const headers = { cookie: `${COOKIE}=${await tokenOf(browser)}` };
    await sidecar.advance(UNTIL_ROTATION_SECS);
    const send = () => browser.fetch("/me", { headers });
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, send));
    expect(answers.map(({ status }) => status)).toEqual(Array(AT_ONCE).fill(200));
    const successors = new Set(answers.flatMap(({ setCookies }) => setCookies.map((line) => line.split(";")[0])));
    expect(successors.size).toBe(1);
    expect((await browser.fetch("/me")).status).toBe(200);
  });

  test("logins of one browser: each makes its session, and the one before them is dead", async () => {
    const userId = `${name} logins`;
    const browser = await loggedIn(userId);
    const before = await tokenOf(browser);
    const headers = { cookie: `${COOKIE}=${before}` };
    const logins = Array.from({ length: 5 }, () => browser.fetch("/login", { json: { userId }, headers }));
    const ids = (await Promise.all(logins)).map((answer) => answer.json<{ sessionId: string }>().sessionId);
    expect(new Set(ids).size).toBe(5);
    const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId });
    expect(sessions.map(({ sessionId }) => sessionId).sort()).toEqual(ids.toSorted());
    const replay = await createBrowserClient(url).fetch("/me", { headers });
    expect(replay.json()).toMatchObject({ reason: "LoggedOut" });
    expect((await browser.fetch("/me")).status).toBe(200);
  });

  test("a logout among requests at the boundary: afterwards no token of the session works", async () => {
    const browser = await loggedIn(`${name} logout`);
    const headers = { cookie: `${COOKIE}=${await tokenOf(browser)}` };
    await sidecar.advance(UNTIL_ROTATION_SECS);
    const requests = Array.from({ length: 10 }, () => browser.fetch("/open", { headers }));
    const [out, ...answers] = await Promise.all([browser.fetch("/act/logout", { json: {}, headers }), ...requests]);
    expect(out.status).toBe(200);
    const told = answers.flatMap(({ setCookies }) => setCookies.map((line) => line.split(";")[0] ?? ""));
    for (const cookie of [headers.cookie, ...told]) {
      expect((await createBrowserClient(url).fetch("/me", { headers: { cookie } })).status).toBe(401);
    }
  });
});
