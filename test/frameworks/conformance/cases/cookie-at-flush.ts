import { expect } from "vitest";
import type { BrowserAnswer } from "../../../harness/browser-client.ts";
import { createBrowserClient } from "../../../harness/browser-client.ts";
import { type Case, type CaseGroup, COOKIE, ours, tokenOf, UNTIL_ROTATION_SECS } from "../case.ts";

/** The ways to end a response that every framework has, with the status and the cookies of the app's own. */
const ENDINGS: Record<string, [status: number, own: string[]]> = {
  json: [200, []],
  text: [200, []],
  empty: [204, []],
  "not-modified": [304, []],
  redirect: [302, []],
  stream: [200, []],
  "own-cookie": [200, ["own=1"]],
  "own-cookies": [200, ["own=1", "second=2"]],
  throws: [500, []],
  rejects: [500, []],
};

function ending(name: string, status: number, own: string[]): [name: string, run: Case] {
  return [
    `the successor's cookie survives ${name}`,
    async ({ loggedIn, sidecar }) => {
      const client = await loggedIn();
      const before = await tokenOf(client);
      await sidecar.advance(UNTIL_ROTATION_SECS);
      const answer = await client.fetch(`/end/${name}`);
      expect(answer.status).toBe(status);
      expect(ours(answer)).toHaveLength(1);
      expect(await tokenOf(client)).not.toBe(before);
      expect(answer.headers["cache-control"]).toBe("private, no-store");
      expect(String(answer.headers.vary)).toMatch(/\bCookie\b/);
      expect(ownCookies(answer)).toEqual(own);
    },
  ];
}

function ownCookies({ setCookies }: BrowserAnswer): (string | undefined)[] {
  return setCookies.filter((line) => !line.startsWith(`${COOKIE}=`)).map((line) => line.split(";")[0]);
}

export const cookieAtFlush: CaseGroup = {
  title: "the cookie is written when the headers go out",
  cases: {
    ...Object.fromEntries(Object.entries(ENDINGS).map(([name, [status, own]]) => ending(name, status, own))),

    async "the successor's cookie survives every other way to answer that the framework has"({
      host,
      url,
      loggedIn,
      sidecar,
      written,
    }) {
      const told: Record<string, unknown> = {};
      const names = Object.keys(host.endings);
      const tokens: string[] = [];
      for (const _ of names) tokens.push(await tokenOf(await loggedIn()));
      await sidecar.advance(UNTIL_ROTATION_SECS);
      for (const [at, name] of names.entries()) {
        const cookie = `${COOKIE}=${tokens[at]}`;
        const answer = await createBrowserClient(url).fetch(written(`/end/${name}`), { headers: { cookie } });
        told[name] = { ours: ours(answer).length, own: ownCookies(answer), caching: answer.headers["cache-control"] };
      }
      const expected = Object.entries(host.endings).map(([name, own]) => [
        name,
        { ours: 1, own: [...own], caching: "private, no-store" },
      ]);
      expect(told).toEqual(Object.fromEntries(expected));
    },

    async "the cookie has its attributes: at login, rotation and clearing"({ browser, act, sidecar }) {
      const client = browser();
      const login = await client.fetch("/login", { json: { userId: "ada" } });
      const attributes = "Max-Age=1209(600|599); Path=/; HttpOnly; Secure; SameSite=Lax$";
      expect(login.setCookies).toEqual([expect.stringMatching(`^${COOKIE}=byo_sess_[\\w.-]+; ${attributes}`)]);
      await sidecar.advance(UNTIL_ROTATION_SECS);
      const rotated = await client.fetch("/open");
      expect(rotated.setCookies).toEqual([
        expect.stringMatching(`^${COOKIE}=byo_sess_[\\w.-]+; Max-Age=\\d+; Path=/; HttpOnly; Secure; SameSite=Lax$`),
      ]);
      expect((await act(client, "logout")).setCookies).toEqual([
        `${COOKIE}=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax`,
      ]);
    },

    async "the cookie of `persistent: false` has no Max-Age, also after a rotation"({ browser, sidecar }) {
      const client = browser();
      const login = await client.fetch("/login", { json: { userId: "guest", persistent: false } });
      expect(login.setCookies).toHaveLength(1);
      expect(login.setCookies[0]).not.toMatch(/max-age|expires/i);
      await sidecar.advance(UNTIL_ROTATION_SECS);
      const rotated = await client.fetch("/me");
      expect([rotated.status, rotated.setCookies.length]).toEqual([200, 1]);
      expect(rotated.setCookies[0]).not.toMatch(/max-age|expires/i);
      expect((await client.fetch("/me")).status).toBe(200);
    },

    async "within the rotating request everything sees the token that was presented"({ loggedIn, act, sidecar }) {
      const client = await loggedIn();
      const presented = await tokenOf(client);
      await sidecar.advance(UNTIL_ROTATION_SECS);
      // The action runs with the presented token; the answer brings the successor, which then works as well.
      const acted = await act(client, "update", { metadata: { seen: true } });
      expect([acted.status, ours(acted).length]).toEqual([200, 1]);
      expect(await tokenOf(client)).not.toBe(presented);
      expect((await client.fetch("/me")).json()).toMatchObject({ session: { metadata: { seen: true } } });
    },

    async "a handler that logs out while the session rotates: only the clearing is sent"({ loggedIn, act, sidecar }) {
      const client = await loggedIn();
      await sidecar.advance(UNTIL_ROTATION_SECS);
      const out = await act(client, "logout");
      expect(ours(out)).toEqual([expect.stringMatching(/^__Host-sessionToken=; Max-Age=0;/)]);
    },
  },
};
