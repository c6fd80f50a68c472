import { expect } from "vitest";
import { createBrowserClient } from "../../../harness/browser-client.ts";
import { type CaseGroup, COOKIE, ours } from "../case.ts";

interface WithSession {
  session: { sessionId: string; userId: string; authenticatedAt: number; expiresAt: number; tags: string[] };
}

export const legacy: CaseGroup = {
  title: "moving from another library",
  cases: {
    async "an old session becomes a new one, whose life counts from the old login"({ browser }) {
      const client = browser();
      await client.setCookie("old=one");
      const answer = await client.fetch("/me");
      expect(answer.status).toBe(200);
      const { session } = answer.json<WithSession>();
      expect(session).toMatchObject({ userId: "legacy-one", tags: ["plan:old"] });
      expect(session.expiresAt - session.authenticatedAt).toBe(1_209_600);
      expect(answer.setCookies).toHaveLength(1);
      expect((await client.fetch("/me")).json()).toEqual({ session });
    },

    async "a forged cookie of ours does not stand in its way"({ browser }) {
      const forged = `${COOKIE}=byo_sess_${"A".repeat(22)}.00000001.${"A".repeat(22)}.${"A".repeat(43)}`;
      const answer = await browser().fetch("/me", { headers: { cookie: `${forged}; old=beside` } });
      expect([answer.status, answer.json()]).toMatchObject([200, { session: { userId: "legacy-beside" } }]);
      expect(answer.setCookies).toHaveLength(1);
      const neither = await browser().fetch("/open", { headers: { cookie: forged } });
      expect([neither.json(), neither.setCookies.length]).toEqual([{ session: null }, 1]);
    },

    async "the old cookie makes one session only, also after the logout"({ browser, act, sidecar }) {
      const client = browser();
      await client.setCookie("old=two");
      await client.fetch("/me");
      await act(client, "logout");
      expect(await client.cookie(COOKIE)).toBeUndefined();
      const again = await client.fetch("/me");
      expect([again.status, again.json()]).toEqual([401, { errorType: "Unauthorized", reason: "LegacySessionUsed" }]);
      expect((await sidecar.run("FetchAllSessionsForUser", { userId: "legacy-two" })).sessions).toEqual([]);
    },

    async "ten requests at once with one old session share the new one"({ browser, sidecar }) {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => browser().fetch("/open", { headers: { cookie: "old=ten" } })),
      );
      const ids = answers.map((answer) => answer.json<WithSession>().session?.sessionId);
      const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId: "legacy-ten" });
      expect(sessions).toHaveLength(1);
      expect(ids).toEqual(Array(10).fill(sessions[0]?.sessionId));
    },

    async "requests at two processes with one old session share the new one"({ browser, host, sidecar, written }) {
      const { url: sidecarUrl, integrationKey } = sidecar;
      const other = await host.start({ sidecarUrl, integrationKey, options: {} });
      try {
        const headers = { cookie: "old=processes" };
        const there = createBrowserClient(other.url);
        const answers = await Promise.all([
          ...Array.from({ length: 3 }, () => browser().fetch("/me", { headers })),
          ...Array.from({ length: 3 }, () => there.fetch(written("/me"), { headers })),
        ]);
        expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
        const cookies = answers.map((answer) => ours(answer).map((line) => line.split(";")[0]));
        expect(new Set(cookies.flat()).size).toBe(1);
        const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId: "legacy-processes" });
        expect(sessions).toHaveLength(1);
      } finally {
        await other.stop();
      }
    },

    async "a request that was sent before the first answer came is the same user's"({ browser, act }) {
      const client = browser();
      const headers = { cookie: "old=late" };
      const first = await client.fetch("/me", { headers });
      // Without the cookie that it was given.
      const late = await browser().fetch("/me", { headers });
      expect([late.status, late.json()]).toEqual([200, first.json()]);
      await act(client, "logout");
      const after = await browser().fetch("/me", { headers });
      expect([after.status, after.json()]).toEqual([401, { errorType: "Unauthorized", reason: "LegacySessionUsed" }]);
    },

    async "an old session that has expired is not taken over"({ browser }) {
      const client = browser();
      await client.setCookie("old=aged");
      expect((await client.fetch("/me")).json()).toEqual({
        errorType: "Unauthorized",
        reason: "LegacySessionExpired",
      });
    },
  },
};
