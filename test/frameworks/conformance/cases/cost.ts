import { expect } from "vitest";
import type { TestSidecar } from "../../../harness/test-sidecar.ts";
import { type CaseGroup, UNTIL_ROTATION_SECS } from "../case.ts";

async function callsOf(sidecar: TestSidecar, work: () => Promise<unknown>): Promise<number> {
  const count = async () =>
    [...(await sidecar.metrics()).entries()]
      .filter(([name]) => name.startsWith("byo_commands_total") || /commands?_.*count/.test(name))
      .reduce((sum, [, value]) => sum + value, 0);
  const before = await count();
  await work();
  return (await count()) - before;
}

export const cost: CaseGroup = {
  title: "what costs a call",
  cases: {
    async "a request with a session costs one call, one without a token none"({ browser, loggedIn, sidecar }) {
      const client = await loggedIn();
      expect(await callsOf(sidecar, () => client.fetch("/open"))).toBe(1);
      expect(await callsOf(sidecar, () => browser().fetch("/open"))).toBe(0);
      expect(await callsOf(sidecar, () => browser().fetch("/me"))).toBe(0);
    },

    async "skip: no call, and no session"({ loggedIn, sidecar }) {
      const client = await loggedIn();
      const look = async () => expect((await client.fetch("/assets/app.js")).json()).toEqual({ session: null });
      expect(await callsOf(sidecar, look)).toBe(0);
    },
  },
};

export const lazy: CaseGroup = {
  title: "lazy",
  cases: {
    async "lazy: a route that never touches the session costs no call"({ loggedIn, act, sidecar }) {
      const client = await loggedIn();
      const untouched = async () => expect((await client.fetch("/untouched")).text).toBe("no session needed");
      expect(await callsOf(sidecar, untouched)).toBe(0);
      const tenTimes = async () => expect((await act(client, "load-ten-times")).value).toBe(1);
      expect(await callsOf(sidecar, tenTimes)).toBe(1);
    },

    async "lazy: getSession loads it; reading it before says so"({ loggedIn, act }) {
      const client = await loggedIn({ userId: "ada" });
      expect((await act(client, "load")).value).toMatchObject({ same: true, session: { userId: "ada" } });
      expect((await client.fetch("/me")).json()).toMatchObject({ session: { userId: "ada" } });
      expect((await client.fetch("/too-early")).json()).toEqual({ code: "ERR_SESSION_NOT_LOADED" });
    },

    async "lazy: after the headers nothing rotates, the successor could not reach the browser"(tools) {
      const { loggedIn, sidecar } = tools;
      const client = await loggedIn({ userId: "ada" });
      await sidecar.advance(UNTIL_ROTATION_SECS);
      const answer = await client.fetch("/after-the-headers");
      expect(answer.json()).toMatchObject({ session: { userId: "ada" } });
      expect(answer.setCookies).toEqual([]);
      const [row] = await sidecar.sql<{ pending: boolean }>(
        "SELECT next_hash IS NOT NULL AS pending FROM byo.sessions ORDER BY created_at DESC LIMIT 1",
      );
      expect(row?.pending).toBe(false);
    },

    async "lazy: an action while the sidecar is away is 503"({ loggedIn, act, link }) {
      const client = await loggedIn();
      const token = await client.cookie("__Host-sessionToken");
      await link.cut();
      try {
        for (const name of ["logout", "list", "login-then-read"]) {
          const answer = await act(client, name, { userId: "ada" });
          expect([name, answer.status]).toEqual([name, 503]);
          expect(answer.json()).toEqual({ errorType: "Unavailable", reason: "SidecarUnavailable" });
          expect(answer.setCookies).toEqual([]);
        }
      } finally {
        await link.restore();
      }
      const headers = { cookie: `__Host-sessionToken=${token}` };
      await expect.poll(async () => (await client.fetch("/me", { headers })).status).toBe(200);
    },
  },
};
