import { beforeAll, describe, expect, it } from "vitest";
import { type DashboardClient, newPassword, startDashboard, type TestDashboard } from "./dashboard-client.ts";

let dashboard: TestDashboard;
let owner: DashboardClient;

beforeAll(async () => {
  dashboard = await startDashboard();
  owner = dashboard.owner;
});

describe("people", () => {
  it("begin with a random password that works once, for a day", async () => {
    const made = await owner.get("settings/create-user", { username: "Nia", role: "Editor" });
    const taken = await owner.call("settings/create-user", { username: "nia", role: "Editor" });
    expect(taken).toMatchObject({ status: 409, body: { type: "Conflict" } });
    expect(made.password).toMatch(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/);
    const client = dashboard.newClient();
    expect((await client.logIn("Nia", made.password)).body).toMatchObject({ me: { mustChangePassword: true } });
    await dashboard.sidecar.advance(86_401);
    const late = { currentPassword: made.password, newPassword: newPassword() };
    expect((await client.call("access/change-password", late)).status).toBe(401);
    await owner.logIn(owner.username, owner.password);
  });

  it.each([
    ["nia\u200b", "a space of no width"],
    ["ni\u00ada", "a soft hyphen"],
    ["\u202eain", "a change of direction"],
    ["nia\ufe0f", "a selector of a variant"],
    ["ni\u{e0061}a", "a tag"],
    ["ni\u0430", "a Cyrillic letter"],
    ["ni\u03b1", "a Greek letter"],
    ["\uff4eia", "a letter of full width"],
    ["ni\u00e1", "a letter with an accent"],
    ["ni\u0061\u0301", "a letter and an accent"],
    ["ni\u1d43", "a raised letter"],
    ["n\u0131a", "a letter without its dot"],
    ["-nia", "a sign first"],
    ["nia:x", "a sign that separates names"],
  ])("cannot be named %j: %s", async (username) => {
    await owner.logIn(owner.username, owner.password);
    const refused = await owner.call("settings/create-user", { username, role: "ReadOnly" });
    expect(refused).toMatchObject({ status: 400, body: { problems: [{ field: "username" }] } });
  });

  it("cannot have a name that looks like another one, in either order and at one time", async () => {
    await owner.logIn(owner.username, owner.password);
    const make = (username: string) => owner.call("settings/create-user", { username, role: "ReadOnly" });
    expect((await make("Ian.Arnold@example.com")).status).toBe(200);
    const alike = [
      "lan.Arnold@example.com",
      "1an.arnold@example.com",
      "ian.amold@example.com",
      "IAN.ARNOLD@example.com",
    ];
    for (const username of [...alike, "0wner", "OWNER", "ovvner"]) {
      expect(await make(username), username).toMatchObject({ status: 409, body: { type: "Conflict" } });
    }
    const statuses = await Promise.all(
      ["bob10", "bobl0", "boblO", "bobIo"].map(async (name) => (await make(name)).status),
    );
    expect(statuses.sort()).toEqual([200, 409, 409, 409]);
    expect((await make("ian.arnold2@example.com")).status).toBe(200);
  });

  it("whose name was made before these rules log in as ever", async () => {
    const client = await dashboard.person("ReadOnly");
    await dashboard.sidecar.sql("UPDATE byo.dashboard_users SET username = 'Łukasz' WHERE username = $1", [
      client.username,
    ]);
    expect((await client.logIn("Łukasz", client.password)).status).toBe(200);
  });

  it("an admin cannot touch super admins, nor make one", async () => {
    const admin = await dashboard.person("Admin");
    await admin.confirm();
    const forbidden = { status: 403, body: { type: "Forbidden" } };
    expect(await admin.call("settings/create-user", { username: "mighty", role: "SuperAdmin" })).toMatchObject(
      forbidden,
    );
    expect(await admin.call("settings/change-user", { username: owner.username, role: "ReadOnly" })).toMatchObject(
      forbidden,
    );
    expect(await admin.call("settings/reset-password", { username: owner.username })).toMatchObject(forbidden);
    expect(await admin.call("settings/reset-second-factor", { username: owner.username })).toMatchObject(forbidden);
    const editor = await dashboard.person("Editor");
    expect(await admin.call("settings/change-user", { username: editor.username, role: "SuperAdmin" })).toMatchObject(
      forbidden,
    );
    expect(await admin.call("settings/change-user", { username: admin.username, role: "SuperAdmin" })).toMatchObject(
      forbidden,
    );
  });

  it("a change of role or disabling somebody ends that person's logins", async () => {
    const editor = await dashboard.person("Editor");
    await owner.get("settings/change-user", { username: editor.username, role: "ReadOnly" });
    expect((await editor.call("sessions/list")).status).toBe(401);
    await editor.logIn(editor.username, editor.password);
    await owner.get("settings/change-user", { username: editor.username, isDisabled: true });
    expect((await editor.call("sessions/list")).status).toBe(401);
    const refused = await editor.logIn(editor.username, editor.password);
    expect(refused).toMatchObject({ status: 401, body: { type: "LoginRefused" } });
  });

  it("roles upward need the password again, downward do not", async () => {
    const reader = await dashboard.person("ReadOnly");
    await dashboard.sidecar.sql("UPDATE byo.dashboard_sessions SET password_confirmed_until = NULL");
    const up = await owner.call("settings/change-user", { username: reader.username, role: "Editor" });
    expect(up).toMatchObject({ status: 403, body: { type: "PasswordRequired" } });
    await owner.confirm();
    expect((await owner.call("settings/change-user", { username: reader.username, role: "Editor" })).status).toBe(200);
    await dashboard.sidecar.sql("UPDATE byo.dashboard_sessions SET password_confirmed_until = NULL");
    expect((await owner.call("settings/change-user", { username: reader.username, role: "ReadOnly" })).status).toBe(
      200,
    );
  });

  it("two super admins cannot remove each other at one time: one stays", async () => {
    const other = await dashboard.person("SuperAdmin");
    const names = await owner.get("settings/users", {});
    for (const { username, role } of names.items) {
      const isThird = role === "SuperAdmin" && username !== owner.username && username !== other.username;
      if (isThird) await owner.get("settings/change-user", { username, isDisabled: true });
    }
    const answers = await Promise.all([
      owner.call("settings/change-user", { username: other.username, role: "ReadOnly" }),
      other.call("settings/change-user", { username: owner.username, role: "ReadOnly" }),
    ]);
    expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
    const rows = await dashboard.sidecar.sql(
      "SELECT username FROM byo.dashboard_users WHERE role = 'SuperAdmin' AND disabled_at IS NULL",
    );
    expect(rows).toHaveLength(1);
  });
});
