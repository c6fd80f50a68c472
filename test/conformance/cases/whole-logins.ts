import { request } from "node:http";
import { setTimeout } from "node:timers/promises";
import { expect } from "vitest";
import { CHROME_ON_LINUX } from "../../harness/browser-client.ts";
import { UNLUCKY } from "../app.ts";
import { type CaseGroup, type CaseTools, ours, tokenOf } from "../case.ts";
import { loginWithDevice } from "../device-browser.ts";

/** Longer than a login takes here, its end included. */
const UNTIL_DONE_MS = 400;

/** Asks for a login, and leaves while the sidecar's answer is awaited. */
async function leaveDuringLogin({ url, link }: CaseTools, userId: string): Promise<void> {
  link.freeze();
  const headers = { "content-type": "application/json", "user-agent": CHROME_ON_LINUX };
  const sent = request(new URL("/login", url), { method: "POST", headers });
  sent.on("error", () => {});
  sent.end(JSON.stringify({ userId }));
  await setTimeout(UNTIL_DONE_MS / 2);
  sent.destroy();
  await setTimeout(UNTIL_DONE_MS / 2);
  link.thaw();
}

export const wholeLogins: CaseGroup = {
  title: "half a login is none",
  cases: {
    async "a client that has gone before login() is done: no session is left"(tools) {
      await leaveDuringLogin(tools, "gone");
      await tools.loggedIn();
      await setTimeout(UNTIL_DONE_MS);
      expect((await tools.sidecar.run("FetchAllSessionsForUser", { userId: "gone" })).sessions).toEqual([]);
    },

    async "onNewDevice fails: the login stands, and so does its cookie"(tools) {
      await loginWithDevice(tools, { userId: UNLUCKY });
      const plain = await tools.loggedIn({ userId: UNLUCKY });
      expect((await plain.fetch("/me")).json()).toMatchObject({ session: { userId: UNLUCKY } });
      await plain.fetch("/noticed");
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

    async "a login without the sidecar leaves the session of before as it was"({ loggedIn, act, link }) {
      const client = await loggedIn({ userId: "before" });
      const token = await tokenOf(client);
      await link.cut();
      const failed = await act(client, "login-then-read", { userId: "after" });
      await link.restore();
      expect([failed.status, ours(failed)]).toEqual([503, []]);
      await expect.poll(async () => (await client.fetch("/me")).status).toBe(200);
      expect(await tokenOf(client)).toBe(token);
    },
  },
};
