import { type ClientRequest, request } from "node:http";
import { setTimeout } from "node:timers/promises";
import { expect } from "vitest";
import { CHROME_ON_LINUX, createBrowserClient } from "../../../harness/browser-client.ts";
import { createDeviceKey } from "../../../harness/device-key.ts";
import { UNLUCKY } from "../app.ts";
import { type CaseGroup, type CaseTools, COOKIE, ours, tokenOf } from "../case.ts";
import { createDeviceBrowser } from "../device-browser.ts";

/** Longer than a login takes here, including its end. */
const UNTIL_DONE_MS = 400;

/** A request whose client does not wait for the answer. */
function ask({ url, written }: CaseTools, path: string, userId: string): ClientRequest {
  const headers = { "content-type": "application/json", "user-agent": CHROME_ON_LINUX };
  const sent = request(new URL(url + written(path)), { method: "POST", headers });
  sent.on("error", () => {});
  return sent.end(JSON.stringify({ userId }));
}

/** Asks for a login, and leaves while the sidecar's answer is awaited. */
async function leaveDuringLogin(tools: CaseTools, userId: string): Promise<void> {
  const { link } = tools;
  link.freeze();
  const sent = ask(tools, "/login", userId);
  await setTimeout(UNTIL_DONE_MS / 2);
  sent.destroy();
  await setTimeout(UNTIL_DONE_MS / 2);
  link.thaw();
}

export const wholeLogins: CaseGroup = {
  title: "a login is whole, or it is not there",
  cases: {
    async "a client that leaves before login() is done: no session is left"(tools) {
      await leaveDuringLogin(tools, "gone");
      await tools.loggedIn();
      await setTimeout(UNTIL_DONE_MS);
      expect((await tools.sidecar.run("FetchAllSessionsForUser", { userId: "gone" })).sessions).toEqual([]);
    },

    async "a client that leaves between login() and the answer: no session is left"(tools) {
      const userId = "left early";
      const count = async () => (await tools.sidecar.run("FetchAllSessionsForUser", { userId })).sessions.length;
      const sent = ask(tools, "/act/login-then-wait", userId);
      await expect.poll(count).toBe(1);
      sent.destroy();
      await expect.poll(count).toBe(0);
    },

    async "onNewDevice fails: the login stands, and so does its cookie"(tools) {
      await tools.browser().fetch("/noticed");
      const client = createDeviceBrowser(tools, createDeviceKey());
      expect((await client.prove("/login", { json: { userId: UNLUCKY } })).status).toBe(200);
      expect((await client.fetch("/noticed")).json()).toMatchObject({ events: [{ userId: UNLUCKY }] });
      expect((await client.prove("/me")).json()).toMatchObject({ session: { userId: UNLUCKY } });
    },

    async "a handler that fails after login(): the browser has the session, or nobody has it"({
      url,
      sidecar,
      written,
    }) {
      // Not compared between the hosts: an error page is the framework's own, and some send no cookies with it.
      const client = createBrowserClient(url);
      const login = { userId: "halfway" };
      expect((await client.fetch(written("/act/login-then-fail"), { json: login })).status).toBe(500);
      if ((await client.cookie(COOKIE)) !== undefined) {
        expect((await client.fetch(written("/me"))).json()).toMatchObject({ session: login });
      } else {
        const count = async () => (await sidecar.run("FetchAllSessionsForUser", login)).sessions.length;
        await expect.poll(count).toBe(0);
      }
    },

    async "a login form that is sent twice at once leaves the browser logged in"({ browser, loggedIn }) {
      for (const client of [browser(), await loggedIn()]) {
        const send = () => client.fetch("/login", { json: { userId: "twice" } });
        expect((await Promise.all([send(), send()])).map(({ status }) => status)).toEqual([200, 200]);
        expect((await client.fetch("/me")).json()).toMatchObject({ session: { userId: "twice" } });
      }
    },

    async "a login that a limit refuses leaves another user's session as it was"({ loggedIn, act }) {
      const limited = { userId: "only-once", tags: ["test:first"] };
      const first = await loggedIn(limited);
      const other = await loggedIn({ userId: "someone" });
      const token = await tokenOf(other);
      const refused = await act(other, "login-then-read", limited);
      expect([refused.status, ours(refused)]).toEqual([409, []]);
      expect((await other.fetch("/me")).json()).toMatchObject({ session: { userId: "someone" } });
      expect(await tokenOf(other)).toBe(token);
      expect((await first.fetch("/me")).status).toBe(200);
    },
  },
};
