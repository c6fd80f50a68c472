import { setTimeout } from "node:timers/promises";
import { expect } from "vitest";
import { CHROME_ON_LINUX } from "../../../harness/browser-client.ts";
import { type CaseGroup, type CaseTools, COOKIE, tokenOf } from "../case.ts";

/** The app's cookie in these cases: it is on a domain, and was elsewhere before. */
const NAME = "sid";
export const MOVED_COOKIE = {
  name: NAME,
  domain: "127.0.0.1",
  previous: [{ name: COOKIE }, { domain: "old.example", path: "/app" }],
};

const FORGED = `byo_sess_${"A".repeat(22)}.00000001.${"A".repeat(22)}.${"A".repeat(43)}`;

/** Of the right form, and never issued. */
function forged(count: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    FORGED.replace("AAAA.00000001", `${String(i).padStart(4, "0")}.00000001`),
  );
}

/** Values that cannot be one of our tokens. */
const JUNK = ["1", "byo_sess_", "%00", "t\u00e9l\u00e9", "a b", '"', "!s", "{}", `${FORGED}x`, "a".repeat(3000)];

function ask({ browser }: CaseTools, path: string, ...tokens: string[]) {
  return browser().fetch(path, { headers: { cookie: cookiesWith(tokens) } });
}

function cookiesWith(tokens: readonly string[]): string {
  return tokens.map((token) => `${NAME}=${token}`).join("; ");
}

/** What the sidecar itself says of sessions. */
async function stateOf({ sidecar }: CaseTools, tokens: readonly string[]): Promise<unknown[]> {
  const client = { userAgent: CHROME_ON_LINUX, ipAddress: "127.0.0.1" };
  const answers = tokens.map((sessionToken) => sidecar.command("ValidateSession", { sessionToken, ...client }));
  return (await Promise.all(answers)).map(({ status, body }) => (status === 200 ? "lives" : body.details));
}

/** How many tokens were refused meanwhile. */
async function refusalsOf({ sidecar }: CaseTools, act: () => Promise<unknown>): Promise<number> {
  const count = async () =>
    [...(await sidecar.metrics()).entries()]
      .filter(([name]) => /refus/i.test(name))
      .reduce((sum, [, counted]) => sum + counted, 0);
  const earlier = await count();
  await act();
  return (await count()) - earlier;
}

async function newTokens(tools: CaseTools, count: number): Promise<string[]> {
  const tokens: string[] = [];
  for (let i = 0; i < count; i++) tokens.push(await newToken(tools));
  return tokens;
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

    async "junk does not count, however much there is and wherever it stands"(tools) {
      const token = await newToken(tools);
      const refusals = await refusalsOf(tools, async () => {
        for (const tokens of [
          [...JUNK, token],
          [token, ...JUNK],
          [...JUNK.slice(5), token, ...JUNK.slice(0, 5)],
        ]) {
          const answer = await ask(tools, "/me", ...tokens);
          expect([answer.status, answer.setCookies]).toEqual([200, []]);
        }
      });
      expect(refusals).toBe(0);
    },

    async "seven forged ones do not hide the good one, end it or clear it"(tools) {
      const token = await newToken(tools);
      for (const tokens of [
        [...forged(7), token],
        [token, ...forged(7)],
      ]) {
        const answer = await ask(tools, "/me", ...tokens);
        expect([answer.status, answer.setCookies]).toEqual([200, []]);
      }
      await tools.sidecar.run("InvalidateSessionByToken", { sessionToken: token });
      // The ended one gives its reason, as it does alone.
      expect((await ask(tools, "/me", ...forged(7), token)).json()).toMatchObject({ reason: "LoggedOut" });
    },

    async "a login works beside forged cookies, and clears the earlier places of the cookie"({ browser }) {
      const client = browser();
      const planted = cookiesWith(forged(7));
      const { setCookies } = await client.fetch("/login", { json: { userId: "ada" }, headers: { cookie: planted } });
      expect(setCookies.map((line) => line.split(";")[0])).toEqual([
        `${COOKIE}=`,
        `${NAME}=`,
        expect.stringMatching(`^${NAME}=byo_sess_`),
      ]);
      const own = `${NAME}=${await tokenOf(client, NAME)}`;
      const answer = await client.fetch("/me", { headers: { cookie: `${planted}; ${own}` } });
      expect([answer.status, answer.json()]).toMatchObject([200, { session: { userId: "ada" } }]);
    },

    async "quotes around a value are no part of it"(tools) {
      const token = await newToken(tools);
      expect((await ask(tools, "/me", `"${token}"`)).status).toBe(200);
      expect((await ask(tools, "/me", `"${token}`)).status).toBe(401);
    },

    async "ConflictingCookies: of two different valid sessions neither counts, and both are cleared"(tools) {
      const [first, second] = [await newToken(tools), await newToken(tools)];
      const guarded = await ask(tools, "/me", first, second);
      expect([guarded.status, guarded.json()]).toEqual([
        401,
        { errorType: "Unauthorized", reason: "ConflictingCookies" },
      ]);
      expect(guarded.setCookies).toHaveLength(3);
      const [third, fourth] = [await newToken(tools), await newToken(tools)];
      const open = await ask(tools, "/open", fourth, ...forged(6), third);
      expect(open.json()).toEqual({ session: null });
      expect(await stateOf(tools, [first, second, third, fourth])).toEqual(Array(4).fill("LoggedOut"));
      const ends = await tools.sidecar.sql<{ actor: string; details: object }>(
        "SELECT actor, details FROM byo.audit_events WHERE event = 'SessionEnded' ORDER BY id DESC LIMIT 4",
      );
      expect(ends).toEqual(Array(4).fill({ actor: "system", details: { cause: "ConflictingCookies" } }));
    },

    async "ConflictingCookies: a cookie that clearing does not reach is not used by the next request"(tools) {
      const victim = await tools.loggedIn();
      // At another path it lies beside the victim's own, and is sent first.
      await victim.setCookie(`${NAME}=${await newToken(tools)}; Path=${tools.below}/me`);
      expect((await victim.fetch("/me")).json()).toMatchObject({ reason: "ConflictingCookies" });
      expect((await victim.fetch("/me")).json()).toMatchObject({ reason: "LoggedOut" });
      await victim.fetch("/login", { json: { userId: "ada" } });
      expect((await victim.fetch("/me")).json()).toMatchObject({ session: { userId: "ada" } });
    },

    async "ConflictingCookies: a session that refuses the request is not replaced by another"(tools) {
      const refusing = await tokenOf(await tools.loggedIn({ tags: ["test:office"] }, { ip: "203.0.113.7" }), NAME);
      expect((await ask(tools, "/me", refusing)).json()).toMatchObject({ reason: "IpAddressError" });
      const answer = await ask(tools, "/me", await newToken(tools), refusing);
      expect([answer.status, answer.json()]).toMatchObject([401, { reason: "ConflictingCookies" }]);
    },

    async "ConflictingCookies: more than eight are not examined, and nothing is cleared"(tools) {
      const token = await newToken(tools);
      const refusals = await refusalsOf(tools, async () => {
        const answers = [await ask(tools, "/me", token, ...forged(8)), await ask(tools, "/me", ...forged(100), token)];
        for (const { status, json, setCookies } of answers) {
          expect([status, json(), setCookies]).toMatchObject([401, { reason: "ConflictingCookies" }, []]);
        }
      });
      expect(refusals).toBe(0);
      expect((await ask(tools, "/me", token)).status).toBe(200);
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

    async "logout ends every session that was presented, also beyond eight and under an earlier name"(tools) {
      const [own, earlier, ...others] = await newTokens(tools, 13);
      const cookie = `${cookiesWith([...forged(5), ...JUNK, ...others, String(own)])}; ${COOKIE}=${earlier}`;
      const answer = await tools.browser().fetch("/session/logout", { method: "POST", headers: { cookie } });
      expect([answer.status, answer.setCookies.length]).toEqual([204, 3]);
      const all = [String(own), String(earlier), ...others];
      expect(await stateOf(tools, all)).toEqual(all.map(() => "LoggedOut"));
    },

    async "logout that cannot end all of them says so, and clears nothing"(tools) {
      const tokens = await newTokens(tools, 10);
      const logOut = () =>
        tools.browser().fetch("/session/logout", { method: "POST", headers: { cookie: cookiesWith(tokens) } });
      await tools.link.cut();
      try {
        const answer = await logOut();
        expect([answer.status, answer.setCookies]).toEqual([503, []]);
      } finally {
        await tools.link.restore();
      }
      expect(await stateOf(tools, tokens)).toEqual(tokens.map(() => "lives"));
      await expect.poll(async () => (await logOut()).status).toBe(204);
      expect(await stateOf(tools, tokens)).toEqual(tokens.map(() => "LoggedOut"));
    },

    async "logout with more than any browser sends says that it ended some only"(tools) {
      const cookie = cookiesWith(Array.from({ length: 300 }, (_, i) => `junk-${i}`));
      const answer = await tools.browser().fetch("/session/logout", { method: "POST", headers: { cookie } });
      expect([answer.status, answer.json(), answer.setCookies]).toMatchObject([
        401,
        { reason: "ConflictingCookies" },
        [],
      ]);
    },

    async "login ends every session that was presented"(tools) {
      const tokens = await newTokens(tools, 10);
      const cookie = cookiesWith(tokens);
      expect((await tools.browser().fetch("/login", { json: { userId: "ada" }, headers: { cookie } })).status).toBe(
        200,
      );
      expect(await stateOf(tools, tokens)).toEqual(tokens.map(() => "LoggedOut"));
    },

    async "the answer to a request whose token was replaced meanwhile clears nothing"({
      loggedIn,
      browser,
      act,
      sidecar,
    }) {
      const client = await loggedIn();
      const token = await tokenOf(client, NAME);
      await sidecar.run("InvalidateSessionByToken", { sessionToken: token });
      const late = act(client, "answer-late");
      await setTimeout(100);
      expect((await client.fetch("/login", { json: { userId: "ada" } })).status).toBe(200);
      const { value, setCookies } = await late;
      expect([value, setCookies]).toEqual([null, []]);
      expect((await client.fetch("/me")).json()).toMatchObject({ session: { userId: "ada" } });
      // Alone, and when no response to the login can be pending, the browser must clear it.
      await sidecar.advance(60);
      const again = await browser().fetch("/open", { headers: { cookie: `${NAME}=${token}` } });
      expect(again.setCookies).toHaveLength(3);
    },

    async "logout clears every place that is configured"({ loggedIn, act }) {
      const { setCookies } = await act(await loggedIn(), "logout");
      expect(setCookies.map((line) => line.replace(/ Expires=[^;]+;/, ""))).toEqual([
        "sid=; Max-Age=0; Domain=127.0.0.1; Path=/; HttpOnly; Secure; SameSite=Lax",
        `${COOKIE}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax`,
        "sid=; Max-Age=0; Domain=old.example; Path=/app; HttpOnly; Secure; SameSite=Lax",
      ]);
    },
  },
};
