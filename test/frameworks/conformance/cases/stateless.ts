import { expect } from "vitest";
import type { BrowserClient } from "../../../harness/browser-client.ts";
import { type CaseGroup, COOKIE, tokenOf } from "../case.ts";

/** Long enough for a few requests on a busy machine, and short enough to wait for. */
export const STATELESS_SECS = 4;
const STATELESS = `${COOKIE}-stateless`;
const PATIENCE = { timeout: 10_000, interval: 100 };

/** A browser whose reads are no longer asked about: the first ones wait for keys that are not known yet. */
async function withoutAsking(client: BrowserClient): Promise<void> {
  const look = async () => {
    const { status, setCookies } = await client.fetch("/me");
    return [status, setCookies];
  };
  await expect.poll(look, PATIENCE).toEqual([200, []]);
}

export const stateless: CaseGroup = {
  title: "stateless tokens",
  cases: {
    async "stateless: a signed cookie with the session cookie's attributes, for seconds"({ loggedIn }) {
      const client = await loggedIn();
      const { setCookies } = await client.fetch("/me");
      expect(setCookies).toEqual([
        expect.stringMatching(
          new RegExp(`^${STATELESS}=[\\w.-]+; Max-Age=${STATELESS_SECS}; Path=/; HttpOnly; Secure; SameSite=Lax$`),
        ),
      ]);
    },

    async "stateless: what reads passes without the sidecar, what changes asks"({ loggedIn, link, sidecar }) {
      const client = await loggedIn({ userId: "ada", tags: ["plan:pro"], metadata: { theme: "dark" } });
      const { session } = (await client.fetch("/me")).json<{ session: { sessionId: string } }>();
      await withoutAsking(client);
      await sidecar.run("InvalidateSessionById", { sessionId: session.sessionId });
      await link.cut();
      try {
        const signed = await client.fetch("/me");
        expect([signed.status, signed.json()]).toEqual([200, { session }]);
        expect((await client.fetch("/me", { method: "POST" })).status).toBe(503);
      } finally {
        await link.restore();
      }
      await expect.poll(async () => (await client.fetch("/me", { method: "POST" })).status, PATIENCE).toBe(401);
    },

    async "stateless: a session that has ended reads no longer than that"({ loggedIn, sidecar }) {
      const client = await loggedIn();
      const { session } = (await client.fetch("/me")).json<{ session: { sessionId: string } }>();
      await withoutAsking(client);
      const cookie = `${COOKIE}=${await tokenOf(client)}; ${STATELESS}=${await client.cookie(STATELESS)}`;
      await sidecar.run("InvalidateSessionById", { sessionId: session.sessionId });
      const endedAtMs = performance.now();
      const read = () => client.fetch("/me", { headers: { cookie }, dropAnswer: true });
      await expect.poll(async () => (await read()).json<{ reason?: string }>().reason, PATIENCE).toBe("Revoked");
      expect(performance.now() - endedAtMs).toBeLessThan(STATELESS_SECS * 1000 + 1000);
      expect((await read()).status).toBe(401);
    },

    async "stateless: neither cookie is usable with another's"({ loggedIn, browser }) {
      const [ada, eve] = [await loggedIn({ userId: "ada" }), await loggedIn({ userId: "eve" })];
      await withoutAsking(ada);
      const adas = `${STATELESS}=${await ada.cookie(STATELESS)}`;
      const ask = async (cookie: string, headers = {}) => {
        const answer = await browser().fetch("/me", { headers: { cookie, ...headers } });
        return answer.json<{ session?: { userId: string }; reason?: string }>();
      };
      expect(await ask(adas)).toMatchObject({ reason: "NoSession" });
      expect((await ask(`${COOKIE}=${await tokenOf(eve)}; ${adas}`)).session?.userId).toBe("eve");
      expect(await ask(`${COOKIE}=junk; ${adas}`)).toMatchObject({ reason: "NotFound" });
    },

    async "stateless: another address or user agent asks the sidecar"({ loggedIn, browser }) {
      const client = await loggedIn({ tags: ["test:home"] }, { ip: "192.0.2.1" });
      await withoutAsking(client);
      const cookie = `${COOKIE}=${await tokenOf(client)}; ${STATELESS}=${await client.cookie(STATELESS)}`;
      const moved = await browser({ ip: "198.51.100.9" }).fetch("/me", { headers: { cookie } });
      expect(moved.json()).toMatchObject({ reason: "IpAddressError" });
    },

    async "stateless: an update is read at once"({ loggedIn, act }) {
      const client = await loggedIn({ metadata: { theme: "dark" } });
      await withoutAsking(client);
      const { setCookies } = await act(client, "update", { metadata: { theme: "light" } });
      expect(setCookies).toEqual([expect.stringMatching(new RegExp(`^${STATELESS}=; Max-Age=0`))]);
      expect((await client.fetch("/me")).json()).toMatchObject({ session: { metadata: { theme: "light" } } });
    },

    async "stateless: a logout removes it"({ loggedIn, act }) {
      const client = await loggedIn();
      await withoutAsking(client);
      const { setCookies } = await act(client, "logout");
      expect(setCookies).toContainEqual(expect.stringMatching(new RegExp(`^${STATELESS}=; Max-Age=0`)));
      expect(await client.cookie(STATELESS)).toBeUndefined();
    },

    async "stateless: what does not fit into a cookie is asked for"({ loggedIn }) {
      const client = await loggedIn({ metadata: { text: "é".repeat(1001) } });
      const answer = await client.fetch("/me");
      expect([answer.status, answer.setCookies]).toEqual([200, []]);
    },
  },
};
