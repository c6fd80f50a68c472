import { expect } from "vitest";
import { type CaseGroup, type CaseTools, COOKIE, tokenOf } from "../case.ts";

/** As the app of these cases names its cookie, which lies on a domain and has lain elsewhere before. */
const NAME = "sid";
export const MOVED_COOKIE = {
  name: NAME,
  domain: "127.0.0.1",
  previous: [{ name: COOKIE }, { domain: "old.example", path: "/app" }],
};

const FORGED = `byo_sess_${"A".repeat(22)}.00000001.${"A".repeat(22)}.${"A".repeat(43)}`;

function ask({ browser }: CaseTools, path: string, ...tokens: string[]) {
  return browser().fetch(path, { headers: { cookie: tokens.map((token) => `${NAME}=${token}`).join("; ") } });
}

async function newToken({ loggedIn }: CaseTools): Promise<string> {
  return tokenOf(await loggedIn(), NAME);
}

export const severalCookies: CaseGroup = {
  title: "several cookies of one name",
  cases: {
    async "of one session: the newest is taken first, so an older one is never a replay"(tools) {
      const { loggedIn, sidecar } = tools;
      const client = await loggedIn();
      const oldest = await tokenOf(client, NAME);
      for (let rotation = 0; rotation < 2; rotation++) {
        await sidecar.advance(3700);
        await client.fetch("/open");
      }
      const newest = await tokenOf(client, NAME);
      await client.fetch("/open");
      await sidecar.advance(120);
      expect((await ask(tools, "/me", oldest, newest)).status).toBe(200);
      expect((await ask(tools, "/me", newest, oldest)).status).toBe(200);
      expect((await ask(tools, "/me", newest)).status).toBe(200);
      // Alone the old one is the replay that ends the session.
      expect((await ask(tools, "/me", oldest)).json()).toMatchObject({ reason: "TokenReused" });
    },

    async "a forged newer one does not hide the good one"(tools) {
      const token = await newToken(tools);
      const forged = token.replace(/\.00000001\.[^.]+\..*/, `.00000009.${"A".repeat(22)}.${"A".repeat(43)}`);
      expect((await ask(tools, "/me", forged, token)).status).toBe(200);
    },

    async "ConflictingCookies: two different valid sessions, neither counts, both are cleared"(tools) {
      const [first, second] = [await newToken(tools), await newToken(tools)];
      const guarded = await ask(tools, "/me", first, second);
      expect([guarded.status, guarded.json()]).toEqual([
        401,
        { errorType: "Unauthorized", reason: "ConflictingCookies" },
      ]);
      expect(guarded.setCookies).toHaveLength(3);
      const open = await ask(tools, "/open", second, first);
      expect(open.json()).toEqual({ session: null });
      expect((await ask(tools, "/me", first)).status).toBe(200);
    },

    async "a valid one and one that has ended: the valid one"(tools) {
      const ended = await newToken(tools);
      await tools.sidecar.run("InvalidateSessionByToken", { sessionToken: ended });
      const answer = await ask(tools, "/me", ended, await newToken(tools));
      expect([answer.status, answer.setCookies]).toEqual([200, []]);
    },

    async "the same value twice is one cookie"(tools) {
      const token = await newToken(tools);
      expect((await ask(tools, "/me", token, token)).status).toBe(200);
    },

    async "at most three are looked at: a hundred cost no more calls"(tools) {
      const refusals = async () =>
        [...(await tools.sidecar.metrics()).entries()]
          .filter(([name]) => /refus/i.test(name))
          .reduce((sum, [, count]) => sum + count, 0);
      const many = Array.from({ length: 100 }, (_, i) =>
        FORGED.replace("AAAA.00000001", `${String(i).padStart(4, "0")}.00000001`),
      );
      const earlier = await refusals();
      expect((await ask(tools, "/me", ...many)).status).toBe(401);
      expect((await refusals()) - earlier).toBe(3);
    },

    async "log-out clears every place that is configured"({ loggedIn, act }) {
      const { setCookies } = await act(await loggedIn(), "logout");
      expect(setCookies.map((line) => line.replace(/ Expires=[^;]+;/, ""))).toEqual([
        "sid=; Max-Age=0; Domain=127.0.0.1; Path=/; HttpOnly; Secure; SameSite=Lax",
        `${COOKIE}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax`,
        "sid=; Max-Age=0; Domain=old.example; Path=/app; HttpOnly; Secure; SameSite=Lax",
      ]);
    },
  },
};
