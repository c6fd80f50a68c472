import { expect } from "vitest";
import { PUBLIC_PAGE_HEADERS } from "../app.ts";
import { type CaseGroup, UNTIL_ROTATION_SECS } from "../case.ts";

export const caching: CaseGroup = {
  title: "what a response says to caches",
  cases: {
    async "an app's own caching headers give way where the cookie is set, and only there"({ loggedIn, sidecar }) {
      const client = await loggedIn();
      const plain = await client.fetch("/cached");
      expect([plain.text, plain.headers["cache-control"]]).toEqual(["public page", "public, max-age=600"]);
      await sidecar.advance(UNTIL_ROTATION_SECS);
      const rotating = await client.fetch("/cached");
      expect(rotating.setCookies).toHaveLength(1);
      expect(rotating.headers["cache-control"]).toBe("private, no-store");
      for (const name of ["Accept-Encoding", "Cookie"]) expect(String(rotating.headers.vary)).toContain(name);
      // Next can only overrule what a page or handler behind its proxy says, so there it says the opposite.
      const { "Cache-Control": _, Vary: __, ...ofCaches } = PUBLIC_PAGE_HEADERS;
      for (const name of Object.keys(ofCaches)) {
        expect(plain.headers).toHaveProperty([name.toLowerCase()]);
        expect([name, rotating.headers[name.toLowerCase()] ?? "no-store"]).toEqual([
          name,
          expect.stringMatching(/^(no-store|0)$/),
        ]);
      }
    },

    async "no cache may keep an answer of ours"({ browser, loggedIn }) {
      const client = await loggedIn();
      const answers = [
        await browser().fetch("/me"),
        await browser().fetch("/me", { navigate: true }),
        await client.fetch("/tagged"),
        await client.fetch("/open", { method: "POST", site: "cross-site" }),
        await client.fetch("/session"),
        await client.fetch("/session/list"),
        await client.fetch("/session/challenge"),
        await client.fetch("/session/a/b"),
        await client.fetch("/session/logout"),
        await client.fetch("/session/logout", { method: "POST" }),
      ];
      for (const { headers } of answers) {
        expect(headers["cache-control"]).toBe("private, no-store");
        expect(String(headers.vary)).toMatch(/\bCookie\b/);
      }
    },
  },
};
