import { expect } from "vitest";
import { type Case, type CaseGroup, CLEARED, COOKIE } from "../case.ts";

const HOSTILE: Record<string, string> = {
  "a truncated token": "byo_sess_AAAA",
  "an oversized value": "a".repeat(9000),
  "percent signs": "%%%25%00%ff",
  "an encoded NUL": "a%00b",
  "a quoted value": '"byo_sess_x"',
  "bytes beyond ASCII": "t\u00e9l\u00e9",
  "a name from the prototype": "__proto__",
};

function hostile(name: string, value: string): [name: string, run: Case] {
  return [
    `${name} as the cookie: anonymous, and cleared`,
    async ({ browser }) => {
      const answer = await browser().fetch("/open", { headers: { cookie: `${COOKIE}=${value}` } });
      expect([answer.status, answer.json()]).toEqual([200, { session: null }]);
      expect(answer.setCookies).toEqual([CLEARED]);
    },
  ];
}

export const hostileCookies: CaseGroup = {
  title: "hostile cookies",
  cases: {
    ...Object.fromEntries(Object.entries(HOSTILE).map(([name, value]) => hostile(name, value))),

    async "an empty cookie counts as no token"({ browser }) {
      const answer = await browser().fetch("/open", { headers: { cookie: `${COOKIE}=` } });
      expect(answer.json()).toEqual({ session: null });
      expect(answer.setCookies).toEqual([]);
    },

    async "a malformed cookie header is anonymous"({ browser }) {
      for (const cookie of ["=", ";;;", `${COOKIE}`, `; =; ${COOKIE}`, "a=b=c; ==", `x${COOKIE}=stray`]) {
        const answer = await browser().fetch("/open", { headers: { cookie } });
        expect([cookie, answer.status, answer.json(), answer.setCookies]).toEqual([cookie, 200, { session: null }, []]);
      }
    },

    async "a good cookie is found among a hundred others"({ loggedIn }) {
      const client = await loggedIn();
      const own = await client.cookie(COOKIE);
      const others = Array.from({ length: 100 }, (_, i) => `c${i}=${i}`);
      // Those of other applications on the host need not be percent-encoded, quoted or named as ours would be.
      others.splice(50, 0, "sale=100%", "cut=%E0%A4%A", 'open="a', `${COOKIE}=${own}`, "café=ü", "=", "novalue");
      expect((await client.fetch("/me", { headers: { cookie: others.join("; ") } })).status).toBe(200);
    },
  },
};
