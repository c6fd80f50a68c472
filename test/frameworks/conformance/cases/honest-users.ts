import { setTimeout } from "node:timers/promises";
import { expect } from "vitest";
import { type BrowserClient, createBrowserClient } from "../../../harness/browser-client.ts";
import {
  type Case,
  type CaseGroup,
  type CaseTools,
  CLEARED,
  ours,
  tokenOf,
  UNTIL_ROTATION_SECS,
  withToken,
} from "../case.ts";

/** Of the browser's own system, which is Linux, or of none in particular. */
const COMPANIONS: Record<string, string> = {
  "a media player of Android": "stagefright/1.2 (Linux;Android 9)",
  "a media player in an app": "Shop/1.0 (Linux;Android 13) ExoPlayerLib/2.19.1",
  "a media player": "VLC/3.0.21 LibVLC/3.0.21",
  "a media library": "Lavf/60.16.100",
  "a download manager": "aria2/1.37.0",
  "the downloads of the system": "AndroidDownloadManager/13 (Linux; U; Android 13; Pixel 7)",
};

function companion(name: string, userAgent: string): [name: string, run: Case] {
  return [
    `${name} with the cookie of the page is refused, and the session lives`,
    async ({ loggedIn, browser }) => {
      const page = await loggedIn();
      const other = browser({ userAgent });
      const refused = await other.fetch("/me", withToken(await tokenOf(page)));
      expect([refused.status, refused.json()]).toEqual([
        401,
        { errorType: "Unauthorized", reason: "UserAgentMissing" },
      ]);
      expect(refused.setCookies).toEqual([]);
      expect((await page.fetch("/me")).status).toBe(200);
    },
  ];
}

/** How a browser gets a new session instead of `token`, which its polls may still send elsewhere. */
const REPLACED_BY: Record<string, (tools: CaseTools, page: BrowserClient) => Promise<string>> = {
  async "a login"(_, page) {
    await page.fetch("/login", { json: { userId: "ada" } });
    return "LoggedOut";
  },
  async "reauthenticate()"({ act }, page) {
    await act(page, "reauthenticate");
    return "LoggedOut";
  },
  async "a login after it was revoked"({ sidecar }, page) {
    const { session } = (await page.fetch("/me")).json<{ session: { sessionId: string } }>();
    await sidecar.run("InvalidateSessionById", { sessionId: session.sessionId });
    await page.fetch("/login", { json: { userId: "ada" } });
    return "Revoked";
  },
};

export const honestUsers: CaseGroup = {
  title: "honest users stay logged in",
  cases: {
    ...Object.fromEntries(Object.entries(COMPANIONS).map(([name, userAgent]) => companion(name, userAgent))),

    async "the answers of another process leave the cookie that has taken the place of theirs"(tools) {
      const { loggedIn, host, sidecar, written } = tools;
      const other = await host.start({ sidecarUrl: sidecar.url, integrationKey: sidecar.integrationKey, options: {} });
      try {
        for (const [how, replace] of Object.entries(REPLACED_BY)) {
          const page = await loggedIn();
          const poll = withToken(await tokenOf(page));
          const reason = await replace(tools, page);
          const there = createBrowserClient(other.url);
          const late = await there.fetch(written("/me"), poll);
          expect([how, late.json(), late.setCookies]).toMatchObject([how, { reason }, []]);
          expect((await page.fetch("/me")).status).toBe(200);
          await sidecar.advance(60);
          expect((await there.fetch(written("/open"), poll)).setCookies).toEqual([CLEARED]);
        }
        const page = await loggedIn();
        const poll = withToken(await tokenOf(page));
        await tools.act(page, "logout");
        expect((await createBrowserClient(other.url).fetch(written("/open"), poll)).setCookies).toEqual([CLEARED]);
      } finally {
        await other.stop();
      }
    },

    async "the answer to a poll that was under way at the logout brings no cookie back"({ loggedIn, sidecar, act }) {
      const page = await loggedIn();
      await sidecar.advance(UNTIL_ROTATION_SECS);
      const poll = act(page, "answer-late");
      await setTimeout(100);
      await act(page, "logout");
      const { value, setCookies } = await poll;
      expect([value, setCookies]).toMatchObject([{ userId: expect.any(String) }, []]);
      expect((await page.fetch("/me")).json()).toMatchObject({ reason: "NoSession" });
    },

    async "a media player of another system is another client: the session ends"({ loggedIn, browser }) {
      const page = await loggedIn();
      const phone = browser({ userAgent: "AppleCoreMedia/1.0.0.22B83 (iPhone; U; CPU OS 18_1 like Mac OS X; en_us)" });
      expect((await phone.fetch("/me", withToken(await tokenOf(page)))).json()).toMatchObject({
        reason: "UserAgentChanged",
      });
      expect((await page.fetch("/me")).status).toBe(401);
    },

    async "a cookie lasts by the database's clock, whatever the app's says"({ loggedIn, sidecar }) {
      const browser = await loggedIn();
      // The app's own clock stays behind.
      await sidecar.advance(UNTIL_ROTATION_SECS);
      const [line = ""] = ours(await browser.fetch("/me"));
      const maxAge = Number(/Max-Age=(\d+)/.exec(line)?.[1]);
      expect(1_209_600 - UNTIL_ROTATION_SECS - maxAge).toBeOneOf([0, 1, 2, 3, 4, 5]);
    },

    async "a connection to the sidecar that died in silence costs no request"({ loggedIn, link }) {
      const browser = await loggedIn();
      link.mute();
      const answers = await Promise.all(Array.from({ length: 3 }, () => browser.fetch("/me")));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    },

    async "a connection to the sidecar that died in silence costs no login either, a moment later"({ loggedIn, link }) {
      await loggedIn();
      await setTimeout(1100);
      link.mute();
      const browser = await loggedIn();
      expect((await browser.fetch("/me")).status).toBe(200);
    },
  },
};
