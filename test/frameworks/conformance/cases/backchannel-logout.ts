import { createHmac } from "node:crypto";
import { expect } from "vitest";
import type { BrowserClient } from "../../../harness/browser-client.ts";
import { LOGOUT_EVENT } from "../../../harness/openid-provider.ts";
import type { CaseGroup, CaseTools } from "../case.ts";

const PATH = "/session/backchannel-logout";
/** A server's request: without cookies, and without what browsers say of a request's origin. */
const BY_A_SERVER = {
  "user-agent": "the provider",
  "sec-fetch-site": undefined,
  "sec-fetch-mode": undefined,
  "sec-fetch-dest": undefined,
  origin: undefined,
};

async function send({ browser }: CaseTools, form: Record<string, string>, headers = {}) {
  return browser().fetch(PATH, { form, headers: { ...BY_A_SERVER, ...headers } });
}

async function sendToken(tools: CaseTools, claims: object, header = {}) {
  return send(tools, { logout_token: await tools.provider.logoutToken(claims, header) });
}

const claimsOf = ({ provider }: CaseTools, sub: string, sid?: string) => ({ iss: provider.settings.issuer, sub, sid });

/** Of each browser, whether its session is living. */
async function living(browsers: Record<string, BrowserClient>): Promise<Record<string, boolean>> {
  const found: Record<string, boolean> = {};
  for (const [name, client] of Object.entries(browsers)) found[name] = (await client.fetch("/me")).status === 200;
  return found;
}

export const backchannelLogout: CaseGroup = {
  title: "back-channel logout",
  cases: {
    async "a logout token ends every session of its sid, and no other"(tools) {
      const { loggedIn } = tools;
      const [laptop, phone] = [
        await loggedIn({ userId: "1", oidc: claimsOf(tools, "bcl", "one") }),
        await loggedIn({ userId: "1", oidc: claimsOf(tools, "bcl", "one") }),
      ];
      const later = await loggedIn({ userId: "1", oidc: claimsOf(tools, "bcl", "two") });
      const elsewhere = await loggedIn({ userId: "1", oidc: { iss: "https://other.example", sub: "bcl", sid: "one" } });
      const byPassword = await loggedIn({ userId: "bcl" });
      const answer = await sendToken(tools, { sub: "bcl", sid: "one" });
      expect([answer.status, answer.text, answer.setCookies]).toEqual([200, "", []]);
      expect(answer.headers["cache-control"]).toContain("no-store");
      expect(await living({ laptop, phone, later, elsewhere, byPassword })).toEqual({
        ...{ laptop: false, phone: false },
        ...{ later: true, elsewhere: true, byPassword: true },
      });
    },

    async "a logout token without a sid ends all sessions of its user"(tools) {
      const { loggedIn } = tools;
      const first = await loggedIn({ userId: "2", oidc: claimsOf(tools, "everywhere", "a") });
      const second = await loggedIn({ userId: "2", oidc: claimsOf(tools, "everywhere") });
      const other = await loggedIn({ userId: "3", oidc: claimsOf(tools, "somebody-else", "a") });
      expect((await sendToken(tools, { sub: "everywhere" })).status).toBe(200);
      expect(await living({ first, second, other })).toEqual({ first: false, second: false, other: true });
    },

    async "a logout token that is used again is refused, and a new login lives on"(tools) {
      const oidc = claimsOf(tools, "again", "same");
      await tools.loggedIn({ userId: "4", oidc });
      const logout_token = await tools.provider.logoutToken({ sub: "again" });
      expect((await send(tools, { logout_token })).status).toBe(200);
      const back = await tools.loggedIn({ userId: "4", oidc });
      const replay = await send(tools, { logout_token });
      expect([replay.status, replay.json()]).toMatchObject([400, { error: "invalid_request" }]);
      expect((await back.fetch("/me")).status).toBe(200);
    },

    async "a logout token that the specification forbids is refused, and ends nothing"(tools) {
      const user = await tools.loggedIn({ userId: "5", oidc: claimsOf(tools, "strict", "s") });
      const { provider } = tools;
      const iat = (await tools.sidecar.run("Ping", {})).timestamp;
      const good = await provider.logoutToken({ sub: "strict", sid: "s" });
      const [, payload = ""] = good.split(".");
      const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const hs256 = `${encode({ alg: "HS256", typ: "logout+jwt" })}.${payload}`;
      const named = (claims: object) => provider.logoutToken({ sub: "strict", sid: "s", ...claims });
      const tokens: Record<string, string> = {
        "no token": "",
        "no JWT": "strict",
        "no signature": `${encode({ alg: "none" })}.${payload}.`,
        "a secret key": `${hs256}.${createHmac("sha256", provider.settings.clientId).update(hs256).digest("base64url")}`,
        "another key": `${good.slice(0, -8)}AAAAAAAA`,
        "another type": await provider.logoutToken({ sub: "strict", sid: "s" }, { typ: "at+jwt" }),
        "another issuer": await named({ iss: "https://evil.example" }),
        "no issuer": await named({ iss: undefined }),
        "another audience": await named({ aud: "another-app" }),
        expired: await named({ iat: iat - 600, exp: iat - 300 }),
        "from the future": await named({ iat: iat + 3600, exp: iat + 3700 }),
        "no expiry": await named({ exp: undefined }),
        "no jti": await named({ jti: undefined }),
        "no events": await named({ events: undefined }),
        "other events": await named({ events: { "http://schemas.openid.net/event/other": {} } }),
        "no event's object": await named({ events: { [LOGOUT_EVENT]: true } }),
        "a nonce": await named({ nonce: "n" }),
        nobody: await provider.logoutToken({}),
        "a sid that is no text": await named({ sid: 7 }),
      };
      const statuses: Record<string, number> = {};
      for (const [name, logout_token] of Object.entries(tokens)) {
        statuses[name] = (await send(tools, { logout_token })).status;
      }
      expect(statuses).toEqual(Object.fromEntries(Object.keys(tokens).map((name) => [name, 400])));
      expect((await user.fetch("/me")).status).toBe(200);
      expect((await send(tools, { logout_token: good })).status).toBe(200);
    },

    async "a logout request in another form is refused, and ends nothing"(tools) {
      const { browser, provider } = tools;
      const user = await tools.loggedIn({ userId: "6", oidc: claimsOf(tools, "forms", "f") });
      const logout_token = await provider.logoutToken({ sub: "forms" });
      const client = browser();
      const headers = BY_A_SERVER;
      const form = { "content-type": "application/x-www-form-urlencoded" };
      const refused = [
        await client.fetch(PATH, { json: { logout_token }, headers }),
        await client.fetch(PATH, { method: "POST", body: `logout_token=${logout_token}`, headers }),
        await client.fetch(PATH, { method: "POST", headers: { ...headers, ...form } }),
        await client.fetch(PATH, {
          method: "POST",
          body: `logout_token=${logout_token}&logout_token=${logout_token}`,
          headers: { ...headers, ...form },
        }),
        await send(tools, { logout_token, more: "x".repeat(40_000) }),
        await send(tools, { logout_token }, { "content-encoding": "gzip" }),
      ];
      for (const answer of refused) {
        expect([answer.status, answer.json()]).toMatchObject([400, { error: "invalid_request" }]);
        expect(answer.headers["cache-control"]).toContain("no-store");
      }
      const [read, byPage] = [
        await client.fetch(PATH, { headers }),
        await client.fetch(PATH, { form: { logout_token }, site: "cross-site" }),
      ];
      expect([read.status, read.headers.allow, byPage.status]).toEqual([405, "POST", 403]);
      expect((await user.fetch("/me")).status).toBe(200);
      expect((await send(tools, { logout_token, unknown: "is ignored" })).status).toBe(200);
    },

    async "what else a logout request carries does not count"(tools) {
      const [named, sender] = [
        await tools.loggedIn({ userId: "7", oidc: claimsOf(tools, "named") }),
        await tools.loggedIn({ userId: "8", oidc: claimsOf(tools, "sender") }),
      ];
      const logout_token = await tools.provider.logoutToken({ sub: "named" });
      const answer = await sender.fetch(PATH, { form: { logout_token }, headers: BY_A_SERVER });
      expect([answer.status, answer.setCookies]).toEqual([200, []]);
      expect(await living({ named, sender })).toEqual({ named: false, sender: true });
    },

    async "a login with claims that would be everybody's is refused"({ browser }) {
      for (const oidc of [{}, { iss: "i" }, { iss: "i", sub: "" }, { iss: "i", sub: "s", sid: 1 }]) {
        expect((await browser().fetch("/login", { json: { userId: "9", oidc } })).status).toBe(400);
      }
    },
  },
};
