import { expect } from "vitest";
import { type CaseGroup, COOKIE } from "../case.ts";

interface Sessions {
  sessions: { sessionId: string; current: boolean }[];
}

export const readyMadeRoutes: CaseGroup = {
  title: "ready-made routes",
  cases: {
    async "GET /session: who am I"({ browser, loggedIn }) {
      const anonymous = await browser().fetch("/session");
      expect([anonymous.status, anonymous.json()]).toEqual([200, { session: null, reason: "NoSession" }]);
      expect(anonymous.headers["content-type"]).toBe("application/json; charset=utf-8");
      const client = await loggedIn({ userId: "ada" });
      expect((await client.fetch("/session/")).json()).toMatchObject({ session: { userId: "ada" } });
      expect((await client.fetch("/session", { method: "HEAD" })).status).toBe(200);
      expect((await client.fetch("/sessions-of-the-app")).json()).toMatchObject({ session: { userId: "ada" } });
    },

    async "GET /session/list and DELETE /session/:sessionId: own sessions only"({ loggedIn }) {
      const login = { userId: "routes" };
      const [here, there] = [await loggedIn(login), await loggedIn(login)];
      const { sessions } = (await here.fetch("/session/list")).json<Sessions>();
      expect(sessions).toHaveLength(2);
      const other = sessions.find(({ current }) => !current);
      const stranger = await loggedIn();
      const refused = await stranger.fetch(`/session/${other?.sessionId}`, { method: "DELETE" });
      expect([refused.status, refused.json()]).toEqual([404, { errorType: "NotFound", reason: "SessionNotFound" }]);
      expect((await here.fetch(`/session/${other?.sessionId}`, { method: "DELETE" })).status).toBe(204);
      expect((await there.fetch("/me")).status).toBe(401);
      const mine = sessions.find(({ current }) => current);
      const own = await here.fetch(`/session/${mine?.sessionId}`, { method: "DELETE" });
      expect(own.setCookies[0]).toMatch(new RegExp(`^${COOKIE}=;`));
    },

    async "POST /session/logout: 204 for a call, 303 for an HTML form"({ loggedIn }) {
      const called = await (await loggedIn()).fetch("/session/logout", { method: "POST" });
      expect([called.status, called.text]).toEqual([204, ""]);
      expect(called.setCookies[0]).toMatch(/Max-Age=0/);
      const form = await (await loggedIn()).fetch("/session/logout", { form: {}, navigate: true });
      expect([form.status, form.headers.location]).toEqual([303, "/prefix/sign-in?from=guard"]);
    },

    async "GET /session/logout is 405 and logs nobody out"({ loggedIn }) {
      const client = await loggedIn();
      const answer = await client.fetch("/session/logout");
      expect([answer.status, answer.headers.allow]).toEqual([405, "POST"]);
      expect(answer.json()).toEqual({ errorType: "MethodNotAllowed", reason: "MethodNotAllowed" });
      expect((await client.fetch("/me")).status).toBe(200);
    },

    async "POST /session/logout from another site is refused and logs nobody out"({ loggedIn }) {
      const client = await loggedIn();
      expect((await client.fetch("/session/logout", { method: "POST", site: "cross-site" })).status).toBe(403);
      expect((await client.fetch("/me")).status).toBe(200);
    },

    async "POST /session/logout-others"({ loggedIn }) {
      const login = { userId: "others" };
      const here = await loggedIn(login);
      await loggedIn(login);
      const answer = await here.fetch("/session/logout-others", { method: "POST" });
      expect([answer.status, answer.json()]).toEqual([200, { sessionsInvalidated: 1 }]);
    },

    async "POST /session/ticket and GET /session/challenge"({ browser, loggedIn }) {
      const ticket = await (await loggedIn()).fetch("/session/ticket", { method: "POST" });
      expect([ticket.status, ticket.json()]).toMatchObject([200, { ticket: expect.any(String) }]);
      expect((await browser().fetch("/session/ticket", { method: "POST" })).status).toBe(401);
      const challenge = await browser().fetch("/session/challenge");
      expect(challenge.json()).toEqual({ deviceChallenge: expect.any(String), expiresAt: expect.any(Number) });
    },

    async "below /session an unknown path is 404, and the list needs a session"({ browser }) {
      const client = browser();
      const unknown = await client.fetch("/session/a/b");
      expect([unknown.status, unknown.json()]).toEqual([404, { errorType: "NotFound", reason: "RouteNotFound" }]);
      expect((await client.fetch("/session/%2e%2e", { method: "DELETE" })).status).toBe(404);
      expect((await client.fetch("/session/__proto__")).status).toBe(405);
      expect((await client.fetch("/session/list")).json()).toEqual({ errorType: "Unauthorized", reason: "NoSession" });
    },
  },
};

export const withoutRoutes: CaseGroup = {
  title: "without `routes` and `loginUrl`",
  cases: {
    async "without `routes` their paths are the app's own"({ loggedIn }) {
      const answer = await (await loggedIn({ userId: "ada" })).fetch("/session");
      expect([answer.status, answer.json()]).toMatchObject([404, { session: { userId: "ada" } }]);
    },

    async "a page load without a session gets 401"({ browser }) {
      const answer = await browser().fetch("/me", { navigate: true });
      expect([answer.status, answer.json()]).toEqual([401, { errorType: "Unauthorized", reason: "NoSession" }]);
    },
  },
};
