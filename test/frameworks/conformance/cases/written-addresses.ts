import { expect } from "vitest";
import type { CaseGroup } from "../case.ts";

const LOGIN = "/%E3%83%AD%E3%82%B0%E3%82%A4%E3%83%B3?von=T%C3%BCr";
const ROUTES = "/sitzung-f%C3%BCr-dich";
const PAGE_LOAD = { headers: { "sec-fetch-mode": "navigate", accept: "text/html" } };

export const writtenAddresses: CaseGroup = {
  title: "addresses that are not ASCII",
  cases: {
    async "a page load is sent to the login page, as browsers write its address"({ browser }) {
      const answer = await browser().fetch("/me?wer=J%C3%BCrgen", PAGE_LOAD);
      expect(answer.status).toBe(302);
      expect(answer.headers.location).toBe(`${LOGIN}&returnTo=%2Fme%3Fwer%3DJ%25C3%25BCrgen`);
    },

    async "the ready-made routes answer where browsers ask for them"({ loggedIn }) {
      const client = await loggedIn({ userId: "jürgen" });
      expect((await client.fetch(`${ROUTES}`)).json()).toMatchObject({ session: { userId: "jürgen" } });
      const out = await client.fetch(`${ROUTES}/logout`, {
        method: "POST",
        headers: { ...PAGE_LOAD.headers, "sec-fetch-site": "same-origin" },
      });
      expect([out.status, out.headers.location]).toEqual([303, LOGIN]);
      expect((await client.fetch("/me")).status).toBe(401);
    },
  },
};
