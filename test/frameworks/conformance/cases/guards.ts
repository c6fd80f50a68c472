import { expect } from "vitest";
import { type CaseGroup, UNTIL_ROTATION_SECS } from "../case.ts";

export const guards: CaseGroup = {
  title: "guards",
  cases: {
    async "a page load is sent to the login page, which learns where to return to"({ browser }) {
      const answer = await browser().fetch("/me?tab=1&x=%2F", { navigate: true });
      expect(answer.status).toBe(302);
      expect(answer.headers.location).toBe(
        `/prefix/sign-in?from=guard&returnTo=${encodeURIComponent("/prefix/me?tab=1&x=%2F")}`,
      );
      expect(answer.headers["cache-control"]).toBe("private, no-store");
    },

    async "the login page is told why the session is gone"({ loggedIn, sidecar }) {
      const client = await loggedIn();
      const { session } = (await client.fetch("/open")).json<{ session: { sessionId: string } }>();
      await sidecar.run("InvalidateSessionById", { sessionId: session.sessionId });
      const answer = await client.fetch("/me", { navigate: true });
      expect(answer.headers.location).toBe("/prefix/sign-in?from=guard&returnTo=%2Fprefix%2Fme&reason=Revoked");
      expect(answer.setCookies).toHaveLength(1);
    },

    async "a call is not redirected: a script could not tell the login page from an answer"({ browser }) {
      const calls = [
        await browser().fetch("/me"),
        await browser().fetch("/me", { method: "POST", navigate: true }),
        await browser().fetch("/me", { headers: { "sec-fetch-mode": undefined, accept: "application/json" } }),
      ];
      for (const answer of calls) {
        expect([answer.status, answer.json()]).toEqual([401, { errorType: "Unauthorized", reason: "NoSession" }]);
      }
    },

    async "a browser without Fetch Metadata is judged by its Accept header"({ browser }) {
      const headers = { "sec-fetch-mode": undefined, accept: "text/html,*/*" };
      expect((await browser().fetch("/me", { headers })).status).toBe(302);
    },

    async "tags: all of them, else 403, for a page load too"({ loggedIn }) {
      const some = await loggedIn({ tags: ["plan:pro"] });
      const refused = await some.fetch("/tagged");
      expect([refused.status, refused.json()]).toEqual([403, { errorType: "Forbidden", reason: "MissingRequiredTag" }]);
      expect(refused.setCookies).toEqual([]);
      expect((await some.fetch("/tagged", { navigate: true })).status).toBe(403);
      const all = await loggedIn({ tags: ["role:admin", "plan:pro"] });
      expect((await all.fetch("/tagged")).text).toBe("in");
    },

    async "maxAuthAgeSecs: by the sidecar's clock"({ loggedIn, sidecar }) {
      const client = await loggedIn();
      expect((await client.fetch("/recent")).text).toBe("in");
      await sidecar.sql("UPDATE byo.sessions SET created_at = created_at - interval '400 seconds'");
      const answer = await client.fetch("/recent");
      expect([answer.status, answer.json()]).toEqual([
        401,
        { errorType: "Unauthorized", reason: "ReauthenticationRequired" },
      ]);
      expect((await client.fetch("/me")).status).toBe(200);
    },

    async "device: a session without a device does not pass, and is not sent to log in"({ loggedIn }) {
      const client = await loggedIn();
      const answer = await client.fetch("/bound");
      expect(answer.json()).toEqual({ errorType: "Unauthorized", reason: "DeviceVerificationRequired" });
      expect((await client.fetch("/bound", { navigate: true })).status).toBe(401);
    },

    async "a CORS preflight is never 401, and no handler runs for it"({ browser }) {
      const preflight = (origin: string) =>
        browser().fetch("/me", {
          method: "OPTIONS",
          headers: { origin, "access-control-request-method": "GET", "access-control-request-headers": "dpop" },
        });
      const trusted = await preflight("https://admin.example");
      expect([trusted.status, trusted.text]).toEqual([204, ""]);
      expect(trusted.headers).toMatchObject({
        "access-control-allow-origin": "https://admin.example",
        "access-control-allow-credentials": "true",
      });
      for (const origin of ["https://evil.example", "https://admin.example.evil.example", "null"]) {
        const other = await preflight(origin);
        expect(other.status).toBe(204);
        expect(other.headers).not.toHaveProperty("access-control-allow-origin");
      }
    },

    async "HEAD at a guard: the status and the headers of GET"({ browser, loggedIn, sidecar }) {
      const refused = await browser().fetch("/me", { method: "HEAD" });
      expect([refused.status, refused.text]).toEqual([401, ""]);
      expect(refused.headers["cache-control"]).toBe("private, no-store");
      const client = await loggedIn();
      await sidecar.advance(UNTIL_ROTATION_SECS);
      const passed = await client.fetch("/me", { method: "HEAD" });
      expect([passed.status, passed.text]).toEqual([200, ""]);
      expect(passed.setCookies).toHaveLength(1);
    },

    async "the app's own 404 handler has the session"({ browser, loggedIn }) {
      const anonymous = await browser().fetch("/nowhere");
      expect([anonymous.status, anonymous.json()]).toEqual([404, { session: null }]);
      const known = await (await loggedIn({ userId: "lost" })).fetch("/nowhere");
      expect([known.status, known.json()]).toMatchObject([404, { session: { userId: "lost" } }]);
    },
  },
};
