import { expect } from "vitest";
import { type Case, type CaseGroup, COOKIE } from "../case.ts";

/** Addresses as proxies and frameworks write them, and what is kept. */
const WRITTEN: Record<string, [forwarded: string, kept: string | undefined]> = {
  "with a port": ["203.0.113.9:51234", "203.0.113.9"],
  "IPv6 with brackets and a port": ["[2001:DB8::9]:443", "2001:db8::9"],
  "IPv6 with a zone": ["fe80::9%eth0", "fe80::9"],
  "IPv4 in IPv6": ["::ffff:203.0.113.9", "203.0.113.9"],
  "in quotes": ['"[2001:db8::9]"', "2001:db8::9"],
  "that is unknown": ["unknown", undefined],
  "that is hidden": ["_hidden", undefined],
  "that is malformed": ["not-an-address", undefined],
};

function written(name: string, forwarded: string, kept: string | undefined): [name: string, run: Case] {
  return [
    `an address ${name}: ${kept === undefined ? "left out, and the login stands" : "only the address itself is kept"}`,
    async ({ loggedIn, sidecar }) => {
      const userId = `address-${forwarded}`;
      const browser = await loggedIn({ userId }, { ip: forwarded });
      const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId });
      expect(sessions.map(({ ipAddress }) => ipAddress)).toEqual([kept]);
      expect((await browser.fetch("/me")).status).toBe(200);
    },
  ];
}

export const clientAddress: CaseGroup = {
  title: "the client's address",
  cases: {
    async "the address of the last untrusted hop counts: a forged left-most one does not"(tools) {
      const { loggedIn, sidecar } = tools;
      await loggedIn({ userId: "forged" }, { ip: "6.6.6.6, 203.0.113.9" });
      const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId: "forged" });
      expect(sessions[0]?.ipAddress).toBe("203.0.113.9");
    },

    ...Object.fromEntries(Object.entries(WRITTEN).map(([name, [text, kept]]) => written(name, text, kept))),

    async "a missing address is refused by a rule that needs one, and only by that"({ browser, loggedIn }) {
      const unknown = browser({ ip: "unknown" });
      const refused = await unknown.fetch("/login", { json: { userId: "office", tags: ["test:office"] } });
      expect([refused.status, refused.json()]).toEqual([403, { errorType: "Forbidden", reason: "IpAddressError" }]);
      const inside = await loggedIn({ tags: ["test:office"] }, { ip: "203.0.113.9:51234" });
      expect((await inside.fetch("/me")).status).toBe(200);
      const cookie = `${COOKIE}=${await inside.cookie(COOKIE)}`;
      const outside = await unknown.fetch("/me", { headers: { cookie } });
      expect([outside.status, outside.json()]).toEqual([403, { errorType: "Forbidden", reason: "IpAddressError" }]);
    },
  },
};
