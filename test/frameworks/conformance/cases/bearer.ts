import { expect } from "vitest";
import { type CaseGroup, type CaseTools, COOKIE, tokenOf, UNTIL_ROTATION_SECS } from "../case.ts";

async function logInAsApi({ browser }: CaseTools): Promise<string> {
  const answer = await browser().fetch("/login", { json: { userId: "ada", via: "bearer" } });
  expect(answer.setCookies).toEqual([]);
  expect(answer.headers["cache-control"]).toBe("private, no-store");
  return String(answer.headers["session-token"]);
}

function ask({ browser }: CaseTools, path: string, token: string, method = "GET") {
  return browser().fetch(path, { method, headers: { authorization: `Bearer ${token}` } });
}

export const bearer: CaseGroup = {
  title: "bearer",
  cases: {
    async "bearer: the token works from the header, a successor travels in Session-Token, never as a cookie"(tools) {
      const token = await logInAsApi(tools);
      const plain = await ask(tools, "/me", token);
      expect(plain.json()).toMatchObject({ session: { userId: "ada" } });
      expect(plain.headers).not.toHaveProperty("session-token");
      await tools.sidecar.advance(UNTIL_ROTATION_SECS);
      const rotated = await ask(tools, "/me", token);
      const successor = String(rotated.headers["session-token"]);
      expect(successor).toMatch(/^byo_sess_/);
      expect(successor).not.toBe(token);
      expect(rotated.setCookies).toEqual([]);
      expect(rotated.headers["cache-control"]).toBe("private, no-store");
      expect((await ask(tools, "/me", successor)).status).toBe(200);
    },

    async "bearer: exempt from the cross-site rule, but not with a cookie beside it"(tools) {
      const token = await logInAsApi(tools);
      const crossSite = { method: "POST", site: "cross-site" } as const;
      const authorization = `Bearer ${token}`;
      expect((await tools.browser().fetch("/me", { ...crossSite, headers: { authorization } })).status).toBe(200);
      const both = { authorization, cookie: `${COOKIE}=${token}` };
      expect((await tools.browser().fetch("/me", { ...crossSite, headers: both })).status).toBe(403);
      expect((await tools.browser().fetch("/me", crossSite)).status).toBe(403);
    },

    async "bearer: re-authentication and logout go the way the token came"(tools) {
      const token = await logInAsApi(tools);
      const again = await ask(tools, "/act/reauthenticate", token, "POST");
      expect(again.setCookies).toEqual([]);
      const fresh = String(again.headers["session-token"]);
      expect((await ask(tools, "/me", token)).json()).toMatchObject({ reason: "LoggedOut" });
      const out = await ask(tools, "/act/logout", fresh, "POST");
      expect([out.status, out.setCookies]).toEqual([200, []]);
      expect((await ask(tools, "/me", fresh)).status).toBe(401);
    },

    async "bearer: a refused token sets and clears no cookie"(tools) {
      const answer = await ask(tools, "/open", "some.other.jwt");
      expect(answer.json()).toEqual({ session: null });
      expect(answer.setCookies).toEqual([]);
    },

    async "AmbiguousCredentials: a cookie and a Bearer token together, 400, the cookie stays"({ loggedIn }) {
      const client = await loggedIn();
      const answer = await client.fetch("/open", { headers: { authorization: `Bearer ${await tokenOf(client)}` } });
      expect([answer.status, answer.json()]).toEqual([
        400,
        { errorType: "BadRequest", reason: "AmbiguousCredentials" },
      ]);
      expect(answer.setCookies).toEqual([]);
      expect((await client.fetch("/me")).status).toBe(200);
    },
  },
};
