import { expect } from "vitest";
import { type Case, type CaseGroup, type CaseTools, CLEARED, COOKIE, tokenOf, withToken } from "../case.ts";

const DAY_SECS = 86_400;
const FIREFOX_ON_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";

type Dead = { token: string; headers?: Record<string, string>; ip?: string };

/** How a session ends, for each end reason. */
const ENDS: Record<string, (tools: CaseTools) => Promise<Dead>> = {
  async NotFound() {
    return { token: `byo_sess_${"A".repeat(22)}.00000001.${"A".repeat(22)}.${"A".repeat(43)}` };
  },
  async LoggedOut({ loggedIn, sidecar }) {
    const token = await tokenOf(await loggedIn());
    await sidecar.run("InvalidateSessionByToken", { sessionToken: token });
    return { token };
  },
  async Revoked({ loggedIn, sidecar }) {
    const browser = await loggedIn();
    const { session } = (await browser.fetch("/open")).json<{ session: { sessionId: string } }>();
    await sidecar.run("InvalidateSessionById", { sessionId: session.sessionId });
    return { token: await tokenOf(browser) };
  },
  async SessionLimit({ loggedIn }) {
    const login = { userId: "only-one", tags: ["test:newest"] };
    const first = await loggedIn(login);
    await loggedIn(login);
    return { token: await tokenOf(first) };
  },
  async IpAddressChanged({ loggedIn, browser }) {
    const token = await tokenOf(await loggedIn({ tags: ["test:home"] }, { ip: "198.51.100.1" }));
    // The request that moved is refused for its address; the ones after it meet a session that has ended.
    const moved = await browser({ ip: "198.51.100.2" }).fetch("/me", withToken(token));
    expect(moved.json()).toEqual({ errorType: "Forbidden", reason: "IpAddressError" });
    return { token, ip: "198.51.100.1" };
  },
  async UserAgentChanged({ loggedIn }) {
    return { token: await tokenOf(await loggedIn()), headers: { "user-agent": FIREFOX_ON_WINDOWS } };
  },
  async TokenReused({ loggedIn, sidecar }) {
    const browser = await loggedIn();
    const token = await tokenOf(browser);
    await sidecar.advance(3700);
    await browser.fetch("/open");
    expect(await tokenOf(browser)).not.toBe(token);
    await browser.fetch("/open");
    await sidecar.advance(120);
    return { token };
  },
  async Inactive({ loggedIn, sidecar }) {
    const browser = await loggedIn({ tags: ["test:idle"] });
    await sidecar.advance(700);
    return { token: await tokenOf(browser) };
  },
  async Expired({ loggedIn, sidecar }) {
    const browser = await loggedIn();
    await sidecar.advance(15 * DAY_SECS);
    return { token: await tokenOf(browser) };
  },
};

function ended(reason: string, bringAbout: (tools: CaseTools) => Promise<Dead>): [name: string, run: Case] {
  return [
    `${reason}: as anonymous, the cookie is cleared`,
    async (tools) => {
      const { token, headers, ip } = await bringAbout(tools);
      const browser = tools.browser(ip === undefined ? {} : { ip });
      const guarded = await browser.fetch("/me", withToken(token, headers));
      expect([guarded.status, guarded.json()]).toEqual([401, { errorType: "Unauthorized", reason }]);
      expect(guarded.headers["cache-control"]).toBe("private, no-store");
      const open = await browser.fetch("/open", withToken(token, headers));
      expect(open.json()).toEqual({ session: null });
      expect(open.setCookies).toEqual([CLEARED]);
    },
  ];
}

export const answerTable: CaseGroup = {
  title: "what an answer of the sidecar becomes",
  cases: {
    ...Object.fromEntries(Object.entries(ENDS).map(([reason, bringAbout]) => ended(reason, bringAbout))),

    async "a good session: the handler runs, no cookie is set"({ loggedIn }) {
      const browser = await loggedIn({ userId: "ada", tags: ["plan:pro"], metadata: { theme: "dark" } });
      const answer = await browser.fetch("/me");
      expect(answer.status).toBe(200);
      expect(answer.setCookies).toEqual([]);
      expect(answer.json()).toEqual({
        session: {
          sessionId: expect.any(String),
          userId: "ada",
          createdAt: expect.any(Number),
          expiresAt: expect.any(Number),
          authenticatedAt: expect.any(Number),
          tags: ["plan:pro"],
          metadata: { theme: "dark" },
          hasDeviceRegistered: false,
          deviceEvidence: "none",
        },
      });
    },

    async "no token: anonymous, NoSession at a guard"({ browser }) {
      const client = browser();
      expect((await client.fetch("/open")).json()).toEqual({ session: null });
      const guarded = await client.fetch("/me");
      expect([guarded.status, guarded.json()]).toEqual([401, { errorType: "Unauthorized", reason: "NoSession" }]);
      expect(guarded.setCookies).toEqual([]);
    },

    async "UserAgentMissing: 401 at a guard, the cookie stays"({ loggedIn }) {
      const browser = await loggedIn();
      const guarded = await browser.fetch("/me", { headers: { "user-agent": undefined } });
      expect([guarded.status, guarded.json()]).toEqual([
        401,
        { errorType: "Unauthorized", reason: "UserAgentMissing" },
      ]);
      expect(guarded.setCookies).toEqual([]);
      expect((await browser.fetch("/me")).status).toBe(200);
    },

    async "IpAddressError: 403 at a guard, the cookie stays"({ loggedIn, browser }) {
      const office = await loggedIn({ tags: ["test:office"] }, { ip: "203.0.113.7" });
      const token = await tokenOf(office);
      const elsewhere = browser({ ip: "198.51.100.1" });
      const guarded = await elsewhere.fetch("/me", withToken(token));
      expect([guarded.status, guarded.json()]).toEqual([403, { errorType: "Forbidden", reason: "IpAddressError" }]);
      expect(guarded.setCookies).toEqual([]);
      expect((await elsewhere.fetch("/open", withToken(token))).json()).toEqual({ session: null });
      expect((await office.fetch("/me")).status).toBe(200);
    },

    async "SidecarUnavailable: 503 with Retry-After, the handler does not run, the cookie stays"(tools) {
      const { loggedIn, browser, link } = tools;
      const client = await loggedIn();
      const token = await tokenOf(client);
      const { handled } = (await client.fetch("/counted")).json<{ handled: number }>();
      await link.cut();
      try {
        const answer = await client.fetch("/counted");
        expect([answer.status, answer.json()]).toEqual([
          503,
          { errorType: "Unavailable", reason: "SidecarUnavailable" },
        ]);
        expect(answer.headers["retry-after"]).toBe("1");
        expect(answer.headers["cache-control"]).toBe("private, no-store");
        expect(answer.setCookies).toEqual([]);
        const anonymous = await browser().fetch("/counted");
        expect([anonymous.status, anonymous.json()]).toEqual([200, { handled: handled + 1 }]);
      } finally {
        await link.restore();
      }
      // Calls to the sidecar may pause for a moment after several consecutive failures.
      await expect.poll(async () => (await client.fetch("/me", withToken(token))).status).toBe(200);
    },

    async "SidecarUnavailable at a logout: 503, and the user is not told to be logged out"({ loggedIn, act, link }) {
      const client = await loggedIn();
      const token = await tokenOf(client);
      await link.cut();
      try {
        const answer = await client.fetch("/session/logout", { method: "POST" });
        expect([answer.status, answer.json()]).toEqual([
          503,
          { errorType: "Unavailable", reason: "SidecarUnavailable" },
        ]);
        expect(answer.setCookies).toEqual([]);
      } finally {
        await link.restore();
      }
      await expect.poll(async () => (await client.fetch("/me", withToken(token))).status).toBe(200);
      expect((await act(client, "logout")).status).toBe(200);
    },

    async "CrossOrigin: 403 before anything else, the cookie stays"({ loggedIn }) {
      const client = await loggedIn();
      const answer = await client.fetch("/me", { method: "POST", site: "cross-site" });
      expect([answer.status, answer.json()]).toEqual([403, { errorType: "Forbidden", reason: "CrossOrigin" }]);
      expect(answer.setCookies).toEqual([]);
      expect((await client.fetch("/me")).status).toBe(200);
    },

    async "BadRequest: a proof beyond all bounds, the cookie stays"({ loggedIn }) {
      const client = await loggedIn();
      const answer = await client.fetch("/open", { headers: { dpop: "a".repeat(8 * 1024 + 1) } });
      expect([answer.status, answer.json()]).toEqual([400, { errorType: "BadRequest", reason: "BadRequest" }]);
      expect(answer.setCookies).toEqual([]);
    },

    async "an Authorization header is ignored without `bearer`"({ loggedIn, browser }) {
      const client = await loggedIn();
      expect((await client.fetch("/me", { headers: { authorization: "Bearer other" } })).status).toBe(200);
      const token = await tokenOf(client);
      const answer = await browser().fetch(`/open?${COOKIE}=${token}`, {
        headers: { "x-session-token": token, "session-token": token, authorization: `Bearer ${token}` },
      });
      expect(answer.json()).toEqual({ session: null });
    },
  },
};
