import { expect } from "vitest";
import { type CaseGroup, COOKIE, tokenOf, withToken } from "../case.ts";

interface Listed {
  sessionId: string;
  current: boolean;
  device: object;
}

export const actions: CaseGroup = {
  title: "actions",
  cases: {
    async "login: the session is there in the same request and in the next"({ browser, act }) {
      const client = browser();
      const login = { userId: "ada", tags: ["plan:pro"], metadata: { theme: "dark" } };
      const { value } = await act(client, "login-then-read", login);
      expect(value).toMatchObject({ same: true, session: { ...login, hasDeviceRegistered: false } });
      const { session } = (await client.fetch("/me")).json<{ session: Record<string, unknown> }>();
      expect(session).toEqual((value as { session: unknown }).session);
      expect(session.authenticatedAt).toBe(session.createdAt);
    },

    async "login: a session that an attacker has planted is never adopted, and ends"({ browser, loggedIn, act }) {
      const attacker = await loggedIn();
      const planted = await tokenOf(attacker);
      const victim = browser();
      await victim.setCookie(`${COOKIE}=${planted}; Path=/; Secure; HttpOnly`);
      await act(victim, "login-then-read", { userId: "victim" });
      expect(await tokenOf(victim)).not.toBe(planted);
      expect((await attacker.fetch("/me")).json()).toMatchObject({ reason: "LoggedOut" });
      expect((await victim.fetch("/me")).json()).toMatchObject({ session: { userId: "victim" } });
    },

    async "login after the headers: ERR_HEADERS_SENT, and no session is made"({ browser, sidecar }) {
      const answer = await browser().fetch("/login-late", { method: "POST" });
      expect(answer.text).toBe("head is out ERR_HEADERS_SENT");
      expect((await sidecar.run("FetchAllSessionsForUser", { userId: "late" })).sessions).toEqual([]);
    },

    async "login that is not awaited: ERR_HEADERS_SENT, and the session is ended again"({ browser, sidecar }) {
      const client = browser();
      const answer = await client.fetch("/login-not-awaited", { method: "POST" });
      expect([answer.text, answer.setCookies]).toEqual(["done", []]);
      expect((await client.fetch("/impatience")).json()).toEqual({ code: "ERR_HEADERS_SENT" });
      expect((await sidecar.run("FetchAllSessionsForUser", { userId: "impatient" })).sessions).toEqual([]);
    },

    async "login over a limit: unhandled, 409 in the guards' form"({ browser, loggedIn, act }) {
      const login = { userId: "limited", tags: ["test:first"] };
      const client = await loggedIn(login);
      const second = await act(browser(), "login-then-read", login);
      expect([second.status, second.json()]).toEqual([409, { errorType: "Conflict", reason: "SessionLimitExceeded" }]);
      expect(second.headers["cache-control"]).toBe("private, no-store");
      expect(second.headers["content-type"]).toBe("application/json; charset=utf-8");
      // The browser that holds the one session replaces it.
      expect((await act(client, "login-then-read", login)).status).toBe(200);
      expect((await client.fetch("/me")).status).toBe(200);
    },

    async "login with a malformed tag: 400"({ browser, act }) {
      const answer = await act(browser(), "login-then-read", { userId: "ada", tags: ["no tag"] });
      expect([answer.status, answer.json()]).toEqual([400, { errorType: "BadRequest", reason: "BadRequest" }]);
    },

    async "login and logout in one request: nothing is left"({ browser, act, sidecar }) {
      const client = browser();
      const { value } = await act(client, "login-then-logout", { userId: "brief" });
      expect(value).toEqual({ session: null });
      expect(await client.cookie(COOKIE)).toBeUndefined();
      expect((await sidecar.run("FetchAllSessionsForUser", { userId: "brief" })).sessions).toEqual([]);
    },

    async "logout ends the session for every copy of the cookie; twice is fine"({ browser, loggedIn, act }) {
      const client = await loggedIn();
      const token = await tokenOf(client);
      expect((await act(client, "logout")).status).toBe(200);
      expect(await client.cookie(COOKIE)).toBeUndefined();
      expect((await browser().fetch("/me", withToken(token))).json()).toMatchObject({ reason: "LoggedOut" });
      expect((await act(client, "logout")).status).toBe(200);
    },

    async "listSessions, revoke, logoutOthers, logoutEverywhere"({ loggedIn, act }) {
      const login = { userId: "many" };
      const [here, there, third] = [await loggedIn(login), await loggedIn(login), await loggedIn(login)];
      const listed = (await act(here, "list")).value as Listed[];
      expect(listed).toHaveLength(3);
      expect(listed.filter(({ current }) => current)).toHaveLength(1);
      expect(listed[0]?.device).toMatchObject({ browser: "Chrome", os: "Linux" });

      const ids = ((await act(there, "list")).value as Listed[]).filter(({ current }) => current);
      await act(here, "revoke", { sessionId: ids[0]?.sessionId });
      expect((await there.fetch("/me")).json()).toMatchObject({ reason: "Revoked" });

      expect((await act(here, "logout-others")).value).toBe(1);
      expect((await third.fetch("/me")).status).toBe(401);
      expect((await here.fetch("/me")).status).toBe(200);

      expect((await act(here, "logout-everywhere")).value).toBe(1);
      expect((await here.fetch("/me")).json()).toMatchObject({ reason: "NoSession" });
    },

    async "another user's session is not found"({ loggedIn, act }) {
      const stranger = await loggedIn();
      const { session } = (await stranger.fetch("/open")).json<{ session: { sessionId: string } }>();
      const answer = await act(await loggedIn(), "revoke", { sessionId: session.sessionId });
      expect([answer.status, answer.json()]).toEqual([404, { errorType: "NotFound", reason: "SessionNotFound" }]);
      expect((await stranger.fetch("/me")).status).toBe(200);
    },

    async "update and setTags: seen at once and afterwards; metadata grants no rights"({ loggedIn, act }) {
      const client = await loggedIn({ tags: ["plan:free"], metadata: { a: 1 } });
      const metadata = { tags: ["role:admin"] };
      const updated = (await act(client, "update", { metadata, tags: ["role:admin"] })).value;
      expect(updated).toMatchObject({ tags: ["plan:free"], metadata });
      const tagged = (await act(client, "set-tags", { add: ["plan:pro"], remove: ["plan:free"] })).value;
      expect(tagged).toMatchObject({ tags: ["plan:pro"] });
      expect((await client.fetch("/me")).json()).toMatchObject({ session: { tags: ["plan:pro"], metadata } });
      expect((await act(client, "update", { metadata: null })).value).not.toHaveProperty("metadata");
      expect((await act(client, "set-tags", { add: ["fixed:x"] })).status).toBe(400);
    },

    async "reauthenticate: a new session with the same tags and metadata, and the old one ends"(tools) {
      const { browser, loggedIn, act, sidecar } = tools;
      const client = await loggedIn({ tags: ["plan:pro"], metadata: { a: [1] } });
      const before = await tokenOf(client);
      const { session: old } = (await client.fetch("/open")).json<{ session: Record<string, unknown> }>();
      await sidecar.advance(100);
      const fresh = (await act(client, "reauthenticate")).value as Record<string, unknown>;
      expect(fresh).toMatchObject({ userId: old.userId, tags: ["plan:pro"], metadata: { a: [1] } });
      expect(fresh.sessionId).not.toBe(old.sessionId);
      expect(Number(fresh.authenticatedAt)).toBeGreaterThanOrEqual(Number(old.authenticatedAt) + 100);
      expect((await browser().fetch("/me", withToken(before))).status).toBe(401);
    },

    async "the session object cannot be changed, at any depth"({ loggedIn, act }) {
      const client = await loggedIn({ tags: ["plan:pro"], metadata: { deep: {} } });
      expect((await act(client, "change-the-session")).value).toEqual(["refused", "refused", "refused"]);
    },

    async "without a session: 401 NoSession from every action that needs one"({ browser, act }) {
      const needing = ["logout-others", "logout-everywhere", "list", "revoke", "update", "set-tags", "reauthenticate"];
      for (const name of needing) {
        const answer = await act(browser(), name, { sessionId: "x", metadata: 1 });
        const expected = { errorType: "Unauthorized", reason: "NoSession" };
        expect([name, answer.status, answer.json()]).toEqual([name, 401, expected]);
      }
    },

    async "an error handler of the app's own comes first, and has the session"({ browser, loggedIn }) {
      const own = { headers: { "x-own-errors": "1" }, method: "POST" };
      const anonymous = await browser().fetch("/act/list", own);
      expect([anonymous.status, anonymous.json()]).toEqual([418, { code: "ERR_NO_SESSION", userId: null }]);
      const client = await loggedIn({ userId: "ada" });
      const json = { sessionId: "AAAAAAAAAAAAAAAAAAAAAA" };
      const known = await client.fetch("/act/revoke", { ...own, json });
      expect([known.status, known.json()]).toEqual([418, { code: "ERR_SESSION_NOT_FOUND", userId: "ada" }]);
    },
  },
};
