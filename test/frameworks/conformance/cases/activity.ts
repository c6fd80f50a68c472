import { expect } from "vitest";
import { type CaseGroup, type CaseTools, UNTIL_ROTATION_SECS } from "../case.ts";

/** Its sessions become inactive after this long. */
const IDLE = { tags: ["test:idle"] };
const IDLE_SECS = 600;

type Known = { session: { createdAt: number; expiresAt: number; idleExpiresAt?: number } | null };

async function idleEndAt({ fetch }: Awaited<ReturnType<CaseTools["loggedIn"]>>, path: string): Promise<number> {
  return (await fetch(path)).json<Known>().session?.idleExpiresAt ?? Number.NaN;
}

async function pollsInVain({ loggedIn, sidecar }: CaseTools): Promise<void> {
  const client = await loggedIn(IDLE);
  for (let polls = 0; polls < 3; polls++) {
    await sidecar.advance(IDLE_SECS / 4);
    expect((await client.fetch("/poll")).text).toBe("in");
  }
  await sidecar.advance(IDLE_SECS / 4);
  const refused = await client.fetch("/poll");
  expect([refused.status, refused.json()]).toEqual([401, { errorType: "Unauthorized", reason: "Inactive" }]);
}

async function countsWhatIsNoPoll({ loggedIn, sidecar }: CaseTools): Promise<void> {
  const client = await loggedIn(IDLE);
  for (let uses = 0; uses < 3; uses++) {
    await sidecar.advance(IDLE_SECS / 2);
    expect((await client.fetch("/poll")).status).toBe(200);
    // No header or parameter of a client says what counts.
    const quiet = { headers: { "x-activity": "none", activity: "false", purpose: "prefetch" } };
    expect((await client.fetch("/me?activity=false&activity=none", quiet)).status).toBe(200);
    // It is counted beside the response.
    await waitUntilNoted();
  }
}

const waitUntilNoted = () => new Promise((resolve) => setTimeout(resolve, 50));

export const activity: CaseGroup = {
  title: "activity",
  cases: {
    "polling does not keep a session from becoming inactive": pollsInVain,

    "what is no poll counts, whatever the client says of it": countsWhatIsNoPoll,

    async "a poll is checked as every request: nobody, a missing session, another address, an ended session"(tools) {
      const { browser, loggedIn, sidecar } = tools;
      expect((await browser().fetch("/poll")).status).toBe(401);
      const atHome = await loggedIn({ tags: ["test:home"] });
      const away = { headers: { "x-forwarded-for": "198.51.100.7" } };
      expect((await atHome.fetch("/poll", away)).status).toBe(403);
      const client = await loggedIn(IDLE);
      const { session } = (await client.fetch("/me")).json<{ session: { sessionId: string } }>();
      await sidecar.run("InvalidateSessionById", { sessionId: session.sessionId });
      expect((await client.fetch("/poll")).json()).toEqual({ errorType: "Unauthorized", reason: "Revoked" });
    },

    async "a poll rotates the token as every request"({ loggedIn, sidecar }) {
      const client = await loggedIn();
      await sidecar.advance(UNTIL_ROTATION_SECS);
      expect((await client.fetch("/poll")).setCookies).toHaveLength(1);
      expect((await client.fetch("/poll")).status).toBe(200);
    },

    async "idleExpiresAt says when the session becomes inactive, and moves with its use"({ loggedIn, sidecar }) {
      const client = await loggedIn(IDLE);
      const { session } = (await client.fetch("/session")).json<Known>();
      const first = session?.idleExpiresAt ?? Number.NaN;
      expect(first - (session?.createdAt ?? 0)).toBeGreaterThanOrEqual(IDLE_SECS);
      await sidecar.advance(IDLE_SECS / 2);
      expect(await idleEndAt(client, "/session/idle")).toBe(first);
      expect(await idleEndAt(client, "/session")).toBeGreaterThanOrEqual(first + IDLE_SECS / 2);
      const listed = (await client.fetch("/session/list")).json<{ sessions: Known["session"][] }>();
      expect(listed.sessions.map((one) => one?.idleExpiresAt)).toEqual([await idleEndAt(client, "/session/idle")]);
      const other = await loggedIn();
      expect((await other.fetch("/me")).json<Known>().session).not.toHaveProperty("idleExpiresAt");
    },

    async "GET /session/idle tells the session and the time, and does not count"({ browser, loggedIn, sidecar }) {
      expect((await browser().fetch("/session/idle")).json()).toEqual({ session: null, reason: "NoSession" });
      const client = await loggedIn(IDLE);
      await sidecar.advance(IDLE_SECS - 60);
      // By the sidecar's clock as it was a moment ago: it does not expect jumps.
      expect((await client.fetch("/session/idle")).json()).toMatchObject({ now: expect.any(Number) });
      await sidecar.advance(60);
      expect((await client.fetch("/session/idle")).json()).toEqual({ session: null, reason: "Inactive" });
    },
  },
};

export const lazyActivity: CaseGroup = {
  title: "activity, loaded when asked for",
  cases: {
    "lazy: polling does not keep a session from becoming inactive": pollsInVain,
    "lazy: what is no poll counts": countsWhatIsNoPoll,
  },
};

export const lifetimes: CaseGroup = {
  title: "a lifetime of one login",
  cases: {
    async "a login can ask for less than the policy allows: the session and its cookie end then"(tools) {
      const { browser, sidecar } = tools;
      const client = browser();
      const login = await client.fetch("/login", { json: { userId: "short", lifetimeSecs: 3600 } });
      const { createdAt, expiresAt } = login.json<{ createdAt: number; expiresAt: number }>();
      expect(expiresAt - createdAt).toBe(3600);
      expect(login.setCookies[0]).toContain("; Max-Age=3600;");
      await sidecar.advance(3599);
      expect((await client.fetch("/me")).status).toBe(200);
      await sidecar.advance(2);
      expect((await client.fetch("/me")).json()).toMatchObject({ reason: "Expired" });
    },

    async "a login that asks for more gets what the policy allows"({ loggedIn }) {
      const client = await loggedIn({ lifetimeSecs: 10 ** 12 });
      const { session } = (await client.fetch("/me")).json<Known>();
      expect((session?.expiresAt ?? 0) - (session?.createdAt ?? 0)).toBe(14 * 86_400);
    },

    async "reauthenticating does not lengthen it"({ loggedIn, act }) {
      const client = await loggedIn({ lifetimeSecs: 3600 });
      const { value } = await act(client, "reauthenticate");
      const { createdAt, expiresAt } = Object(value);
      expect(expiresAt - createdAt).toBe(3600);
    },

    async "a lifetime of no whole second is refused, and logs nobody in"({ browser }) {
      for (const lifetimeSecs of [0, -1, 1.5]) {
        const client = browser();
        expect((await client.fetch("/login", { json: { userId: "odd", lifetimeSecs } })).status).toBe(400);
        expect((await client.fetch("/me")).status).toBe(401);
      }
    },
  },
};
