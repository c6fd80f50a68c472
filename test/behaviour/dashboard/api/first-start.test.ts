import { describe, expect, it } from "vitest";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";
import { createDashboardClient, newPassword, OWNER, startDashboard, TEMPORARY } from "./dashboard-client.ts";

const env = { INITIAL_OWNER_USERNAME: OWNER };

describe("the first start", () => {
  it("makes an owner whose temporary password can do nothing but change itself", async () => {
    const sidecar = await startTestSidecar({ env });
    const owner = createDashboardClient(sidecar.dashboardUrl);
    const login = await owner.logIn(OWNER, TEMPORARY);
    expect(login.body).toMatchObject({ me: { username: OWNER, role: "SuperAdmin", mustChangePassword: true } });
    for (const name of ["sessions/list", "settings/users", "access/confirm-password", "policies/save"] as const) {
      expect(await owner.call(name, {})).toMatchObject({ status: 403, body: { type: "PasswordChangeRequired" } });
    }
    const before = owner.cookie;
    const changed = await owner.call("access/change-password", {
      currentPassword: TEMPORARY,
      newPassword: newPassword(),
    });
    expect(changed.body).toMatchObject({
      me: { mustChangePassword: false, passwordConfirmedUntil: expect.any(Number) },
    });
    expect(owner.cookie).not.toBe(before);
    expect((await owner.call("sessions/list")).status).toBe(200);
    expect((await createDashboardClient(sidecar.dashboardUrl).logIn(OWNER, TEMPORARY)).status).toBe(401);
  });

  it("lets one of two who change the password at one time win, and ends all other logins", async () => {
    const sidecar = await startTestSidecar({ env });
    const clients = [1, 2, 3].map(() => createDashboardClient(sidecar.dashboardUrl));
    for (const client of clients) expect((await client.logIn(OWNER, TEMPORARY)).status).toBe(200);
    const answers = await Promise.all(
      clients.map((client) =>
        client.call("access/change-password", { currentPassword: TEMPORARY, newPassword: newPassword() }),
      ),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    const living = await Promise.all(clients.map((client) => client.call("sessions/list")));
    expect(living.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it("forgets the temporary password after an hour", async () => {
    const sidecar = await startTestSidecar({ env });
    const owner = createDashboardClient(sidecar.dashboardUrl);
    await owner.logIn(OWNER, TEMPORARY);
    await sidecar.advance(3601);
    const late = await owner.call("access/change-password", { currentPassword: TEMPORARY, newPassword: newPassword() });
    expect(late.status).toBe(401);
    const again = await createDashboardClient(sidecar.dashboardUrl).logIn(OWNER, TEMPORARY);
    expect(again).toMatchObject({
      status: 401,
      body: { type: "LoginRefused", message: expect.stringContaining("expired") },
    });
  });

  it("never resets an owner who exists, whatever the environment says later", async () => {
    const { sidecar, owner } = await startDashboard();
    const again = await startTestSidecar({
      database: sidecar.database,
      env: { INITIAL_OWNER_USERNAME: OWNER, INITIAL_OWNER_PASSWORD: "another temporary one" },
    });
    const other = await startTestSidecar({
      database: sidecar.database,
      env: { INITIAL_OWNER_USERNAME: "somebody-else" },
    });
    expect((await createDashboardClient(again.dashboardUrl).logIn(OWNER, "another temporary one")).status).toBe(401);
    expect((await createDashboardClient(other.dashboardUrl).logIn("somebody-else", TEMPORARY)).status).toBe(401);
    expect((await createDashboardClient(other.dashboardUrl).logIn(OWNER, owner.password)).status).toBe(200);
  });

  it("makes no owner with a name that can look like another one", async () => {
    const start = startTestSidecar({ env: { INITIAL_OWNER_USERNAME: "\u043ewner" } });
    await expect(start).rejects.toThrow("INITIAL_OWNER_USERNAME: expected 1 to 128 of a-z");
  });

  it("takes the temporary password from INITIAL_OWNER_PASSWORD", async () => {
    const sidecar = await startTestSidecar({ env: { ...env, INITIAL_OWNER_PASSWORD: "one of my own making" } });
    const client = createDashboardClient(sidecar.dashboardUrl);
    expect((await client.logIn(OWNER, TEMPORARY)).status).toBe(401);
    expect((await client.logIn(OWNER, "one of my own making")).body).toMatchObject({
      me: { mustChangePassword: true },
    });
  });

  it.each([
    ["TooShort", "short one"],
    ["Common", "Password1234!"],
    ["Common", "aaaaaaaaaaaaaaaa"],
    ["Common", "passwordpassword"],
    ["LikeTheName", "this is the OWNER here"],
    ["Unchanged", TEMPORARY],
  ])("refuses a password: %s", async (reason, chosen) => {
    const sidecar = await startTestSidecar({ env });
    const owner = createDashboardClient(sidecar.dashboardUrl);
    await owner.logIn(OWNER, TEMPORARY);
    const answer = await owner.call("access/change-password", { currentPassword: TEMPORARY, newPassword: chosen });
    expect(answer).toMatchObject({ status: 422, body: { type: "PasswordRefused", reason } });
  });
});
