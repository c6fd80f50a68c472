import { expect } from "vitest";
import type { BrowserClient } from "../../../harness/browser-client.ts";
import { type CaseGroup, type CaseTools, COOKIE, ours, tokenOf } from "../case.ts";

const IMPERSONATION = `${COOKIE}-impersonation`;
const CLEARED = `${IMPERSONATION}=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax`;
const ADA = { employeeEmail: "ada@support.example", targetUserId: "customer" };

/** An employee, and the address that the sidecar compares. */
async function employee({ loggedIn }: Pick<CaseTools, "loggedIn">): Promise<BrowserClient> {
  return loggedIn({ tags: ["role:admin"] }, { ip: "192.0.2.7" });
}

async function impersonating(tools: Pick<CaseTools, "act" | "loggedIn">, more: object = {}): Promise<BrowserClient> {
  const client = await employee(tools);
  const answer = await tools.act(client, "impersonate", { ...ADA, ...more });
  expect([answer.status, answer.value]).toMatchObject([200, { same: true }]);
  return client;
}

async function userOf(client: BrowserClient, path = "/me"): Promise<unknown> {
  return (await client.fetch(path)).json<{ session?: { userId?: string } }>().session?.userId;
}

function refusal({ status, json }: Awaited<ReturnType<BrowserClient["fetch"]>>) {
  return [status, json<{ reason?: string }>().reason];
}

async function adoptImpersonation(thief: BrowserClient, value: string): Promise<void> {
  await thief.setCookie(`${IMPERSONATION}=${value}; Path=/; Secure; HttpOnly`);
}

export const impersonation: CaseGroup = {
  title: "impersonation",
  cases: {
    async "an employee acts as a user beside their own session, and returns to it"(tools) {
      const client = await employee(tools);
      const own = await tokenOf(client);
      const { value, setCookies } = await tools.act(client, "impersonate", { ...ADA, tags: ["plan:pro"] });
      expect(setCookies).toHaveLength(1);
      expect(setCookies[0]).toMatch(
        new RegExp(`^${IMPERSONATION}=\\S+; Max-Age=3600; Path=/; HttpOnly; Secure; SameSite=Lax$`),
      );
      const { session } = (await client.fetch("/me")).json<{ session: { sessionId: string } }>();
      expect(session).toEqual((value as { session: unknown }).session);
      expect(session).toMatchObject({
        userId: "customer",
        tags: ["plan:pro"],
        impersonator: { employeeEmail: "ada@support.example", userId: expect.stringMatching(/^user-/) },
      });
      expect(await tokenOf(client)).toBe(own);
      const stopped = await tools.act(client, "stop-impersonating");
      expect(stopped.setCookies).toEqual([CLEARED]);
      expect(stopped.value).toMatchObject({ userId: expect.stringMatching(/^user-/), tags: ["role:admin"] });
      expect(await userOf(client)).toMatch(/^user-/);
    },

    async "what was stopped does not come back"(tools) {
      const client = await impersonating(tools);
      const token = (await client.cookie(IMPERSONATION)) ?? "";
      await tools.act(client, "stop-impersonating");
      await adoptImpersonation(client, token);
      const answer = await client.fetch("/me");
      expect(answer.json()).toMatchObject({ session: { userId: expect.stringMatching(/^user-/) } });
      expect(answer.setCookies).toEqual([CLEARED]);
    },

    async "what changes something is refused, with and without a guard, unless one allows it"(tools) {
      const client = await impersonating(tools);
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        expect([method, ...refusal(await client.fetch("/me", { method }))]).toEqual([
          method,
          403,
          "ImpersonationReadOnly",
        ]);
        expect((await client.fetch("/open", { method })).json()).toEqual({ session: null });
        expect((await client.fetch("/support", { method })).json()).toMatchObject({ session: { userId: "customer" } });
      }
      expect(await userOf(client, "/open")).toBe("customer");
      expect(await userOf(client, "/support")).toBe("customer");
    },

    async "a guard that refuses impersonation refuses what reads too"(tools) {
      const client = await impersonating(tools);
      expect(refusal(await client.fetch("/private"))).toEqual([403, "ImpersonationRefused"]);
      expect(refusal(await client.fetch("/private", { method: "POST" }))).toEqual([403, "ImpersonationReadOnly"]);
      await tools.act(client, "stop-impersonating");
      expect(await userOf(client, "/private")).toMatch(/^user-/);
    },

    async "the employee's own tags open nothing"(tools) {
      const client = await impersonating(tools, { tags: ["plan:pro"] });
      expect(refusal(await client.fetch("/tagged"))).toEqual([403, "MissingRequiredTag"]);
      const both = await impersonating(tools, { tags: ["plan:pro", "role:admin"] });
      expect((await both.fetch("/tagged")).text).toBe("in");
    },

    async "actions that are the user's own are refused"(tools) {
      const client = await impersonating(tools);
      const names = ["update", "set-tags", "revoke", "logout-others", "logout-everywhere", "reauthenticate"];
      for (const name of names) {
        const body = { sessionId: "x", metadata: null, add: ["role:admin"] };
        expect([name, ...refusal(await tools.act(client, name, body))]).toEqual([name, 403, "ImpersonationRefused"]);
      }
      for (const route of ["/session/device", "/session/ticket", "/session/logout-others"]) {
        const answer = await client.fetch(route, { method: "POST" });
        expect([route, ...refusal(answer)]).toEqual([route, 403, "ImpersonationRefused"]);
      }
      expect(await userOf(client)).toBe("customer");
    },

    async "who may: the configuration's employees, not themselves, and only one at a time"(tools) {
      const client = await employee(tools);
      const { value } = await tools.act(client, "load");
      const { userId } = (value as { session: { userId: string } }).session;
      const tries = [
        [{ ...ADA, employeeEmail: "eve@evil-support.example" }, "UnauthorizedEmployee"],
        [{ ...ADA, targetUserId: userId }, "UnauthorizedEmployee"],
      ] as const;
      for (const [body, reason] of tries) {
        const answer = await tools.act(client, "impersonate", body);
        expect([...refusal(answer), answer.setCookies]).toEqual([403, reason, []]);
      }
      expect((await tools.act(client, "impersonate", ADA)).status).toBe(200);
      const second = await tools.act(client, "impersonate", { ...ADA, targetUserId: "another" });
      expect(refusal(second)).toEqual([403, "ImpersonationRefused"]);
      expect(await userOf(client)).toBe("customer");
      const anonymous = await tools.act(tools.browser({ ip: "192.0.2.7" }), "impersonate", ADA);
      expect(refusal(anonymous)).toEqual([401, "NoSession"]);
    },

    async "the impersonation's cookie alone is nobody's, and beside another session it is not used"(tools) {
      const client = await impersonating(tools);
      const token = (await client.cookie(IMPERSONATION)) ?? "";
      const thief = tools.browser({ ip: "192.0.2.7" });
      await adoptImpersonation(thief, token);
      expect(refusal(await thief.fetch("/me"))).toEqual([401, "NoSession"]);
      const other = await tools.loggedIn({ userId: "other" }, { ip: "192.0.2.7" });
      await adoptImpersonation(other, token);
      expect(refusal(await other.fetch("/me", { method: "POST" }))).toEqual([403, "ImpersonationEnded"]);
      await adoptImpersonation(other, token);
      expect(await userOf(other)).toBe("other");
      expect(await other.cookie(IMPERSONATION)).toBeUndefined();
    },

    async "an employee whose session has ended acts as nobody"(tools) {
      const client = await impersonating(tools);
      const { impersonator } = (await client.fetch("/me")).json<{ session: { impersonator: { sessionId: string } } }>()
        .session;
      await tools.sidecar.run("InvalidateSessionById", { sessionId: impersonator.sessionId });
      const answer = await client.fetch("/me");
      expect(refusal(answer)).toEqual([401, "Revoked"]);
      expect(answer.setCookies).toContain(CLEARED);
    },

    async "an ended impersonation: a change that was meant for the user is refused, a read is the employee's"(tools) {
      const ended = [await impersonating(tools), await impersonating(tools)] as const;
      await tools.sidecar.run("InvalidateAllImpersonationSessionsForUser", { userId: "customer" });
      const [writer, reader] = ended;
      const refused = await writer.fetch("/support", { method: "POST" });
      expect([...refusal(refused), refused.setCookies]).toEqual([403, "ImpersonationEnded", [CLEARED]]);
      expect(await userOf(writer)).toMatch(/^user-/);
      expect(await userOf(reader)).toMatch(/^user-/);
    },

    async "forged and doubled cookies of impersonation"(tools) {
      const client = await impersonating(tools);
      const session = await tokenOf(client);
      const genuine = await client.cookie(IMPERSONATION);
      const other = await (await impersonating(tools, { targetUserId: "another" })).cookie(IMPERSONATION);
      const forged = `byo_imp_${"A".repeat(22)}.${"A".repeat(43)}`;
      const ask = async (values: readonly unknown[], method = "GET") => {
        const cookie = [`${COOKIE}=${session}`, ...values.map((value) => `${IMPERSONATION}=${value}`)].join("; ");
        const answer = await client.fetch("/support", { method, headers: { cookie }, dropAnswer: true });
        return answer.json<{ session?: { userId: string }; reason?: string }>();
      };
      for (const junk of [forged, "junk", "%00", "a".repeat(3000), genuine?.slice(0, -1), session]) {
        expect((await ask([junk])).session?.userId).toMatch(/^user-/);
        expect((await ask([junk], "POST")).session?.userId).toMatch(/^user-/);
      }
      for (const doubled of [[genuine, forged], [forged, genuine], [genuine, other], [other]]) {
        expect((await ask(doubled)).session?.userId).toMatch(/^user-/);
        expect(await ask(doubled, "POST")).toMatchObject({ reason: "ImpersonationEnded" });
      }
      expect((await ask([genuine, genuine])).session?.userId).toBe("customer");
    },

    async "another address or browser does not act as the user"(tools) {
      const client = await impersonating(tools);
      const moved = await client.fetch("/support", {
        headers: { "x-forwarded-for": "198.51.100.1" },
        dropAnswer: true,
      });
      expect(moved.json()).toMatchObject({ session: { userId: expect.stringMatching(/^user-/) } });
      expect(await userOf(client)).toBe("customer");
    },

    async "a logout ends both, a login too"(tools) {
      for (const name of ["logout", "login-then-read"]) {
        const client = await impersonating(tools);
        const [session, token] = [await tokenOf(client), (await client.cookie(IMPERSONATION)) ?? ""];
        const answer = await tools.act(client, name, { userId: "customer" });
        expect(answer.setCookies).toContain(CLEARED);
        expect(ours(answer)).toHaveLength(1);
        const error = await tools.sidecar.command("ValidateImpersonationSession", {
          ...{ impersonationToken: token, userAgent: "x", ipAddress: "192.0.2.7" },
        });
        expect(error).toMatchObject({ status: 404, body: { type: "SessionNotFound" } });
        expect(await tools.sidecar.command("ValidateSession", { sessionToken: session })).toMatchObject({
          status: 401,
        });
      }
    },

    async "while the sidecar is away, nobody is taken for the employee or the user"(tools) {
      const client = await impersonating(tools);
      await tools.link.cut();
      try {
        const answer = await client.fetch("/me");
        expect([...refusal(answer), answer.setCookies]).toEqual([503, "SidecarUnavailable", []]);
      } finally {
        await tools.link.restore();
      }
      await expect.poll(() => userOf(client)).toBe("customer");
    },

    async "POST /session/stop-impersonating, and the page that shows who acts as whom"(tools) {
      const client = await impersonating(tools);
      const shown = (await client.fetch("/session")).json<{ session: unknown }>();
      expect(shown.session).toMatchObject({
        userId: "customer",
        impersonator: { employeeEmail: "ada@support.example" },
      });
      const stopped = await client.fetch("/session/stop-impersonating", { method: "POST" });
      expect([stopped.status, stopped.setCookies]).toEqual([204, [CLEARED]]);
      expect(await userOf(client)).toMatch(/^user-/);
      const again = await client.fetch("/session/stop-impersonating", { method: "POST", navigate: true });
      expect([again.status, again.setCookies]).toEqual([303, []]);
    },
  },
};

export const refusedImpersonation: CaseGroup = {
  title: "impersonation refused by default",
  cases: {
    async "impersonation: refuse: only where a guard allows it, and where the page shows it"(tools) {
      const client = await impersonating(tools);
      expect(refusal(await client.fetch("/me"))).toEqual([403, "ImpersonationRefused"]);
      expect((await client.fetch("/open")).json()).toEqual({ session: null });
      expect(await userOf(client, "/support")).toBe("customer");
      expect(await userOf(client, "/session")).toBe("customer");
    },
  },
};
