import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { PROGRAM_ENV } from "../../../harness/program-env.ts";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";
import { dumpDatabase } from "../../../proofs/security/database-dump.ts";
import { configure, impersonate, JOE, JOE_MAY } from "../../sidecar/impersonation/impersonate.ts";
import { createDashboardClient, startDashboard } from "./dashboard-client.ts";

const CLI = fileURLToPath(new URL("../../../../sidecar/src/cli.ts", import.meta.url));

async function byo(env: Record<string, string>, ...args: string[]) {
  const run = promisify(execFile)(process.execPath, ["--conditions=@byo-session/source", CLI, ...args], {
    env: { ...PROGRAM_ENV, ...env },
  });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code: Number(code), stdout: String(stdout), stderr: String(stderr) }),
  );
}

it("byo owner reset lets an owner in again who has lost everything, and ends their logins", async () => {
  const { sidecar, owner } = await startDashboard();
  await sidecar.sql("UPDATE byo.dashboard_users SET disabled_at = now(), second_factor = '\\x00'");
  const { code, stdout, stderr } = await byo(sidecar.database.env, "owner", "reset");
  expect([code, stderr]).toEqual([0, expect.stringContaining("temporary password of owner")]);
  expect((await owner.call("sessions/list")).status).toBe(401);
  const client = createDashboardClient(sidecar.dashboardUrl);
  const login = await client.logIn("owner", stdout.trim());
  expect(login.body).toMatchObject({ me: { mustChangePassword: true, role: "SuperAdmin", hasSecondFactor: false } });
});

it("byo owner reset says what to do where there is none", async () => {
  const sidecar = await startTestSidecar();
  const { code, stderr } = await byo(sidecar.database.env, "owner", "reset");
  expect([code, stderr]).toEqual([1, expect.stringContaining("byo owner create")]);
});

it("byo owner create makes the first account, and only the first", async () => {
  const sidecar = await startTestSidecar({ env: { DASHBOARD: "on" } });
  const create = (...name: string[]) => byo(sidecar.database.env, "owner", "create", "--username", ...name);
  expect(await create("")).toMatchObject({ code: 1, stderr: expect.stringContaining("--username") });
  const { code, stdout, stderr } = await create("ada");
  expect([code, stderr]).toEqual([0, expect.stringContaining("temporary password of ada")]);
  const login = await createDashboardClient(sidecar.dashboardUrl).logIn("ada", stdout.trim());
  expect(login.body).toMatchObject({ me: { mustChangePassword: true, role: "SuperAdmin" } });
  expect(await create("eve")).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("byo owner reset"),
  });
});

it("byo erase leaves nothing of a user, and ends their sessions; others keep theirs", async () => {
  const { sidecar, owner } = await startDashboard();
  await configure(sidecar, JOE_MAY);
  const personal = {
    ipAddress: "203.0.113.77",
    userAgent: "Erika's own browser/1.0",
    tags: ["user:erika"],
    metadata: { name: "Erika" },
  };
  const { sessionToken } = await sidecar.run("CreateSession", { userId: "erika", ...personal });
  const { metadata } = personal;
  await impersonate(sidecar, { targetUserId: "erika", metadata, ipAddress: "203.0.113.79" });
  await impersonate(sidecar, { targetUserId: "olaf" });
  const other = await sidecar.run("CreateSession", { userId: "olaf", ipAddress: "192.0.2.1" });
  await sidecar.command("ValidateSession", { sessionToken, ipAddress: "203.0.113.78", userAgent: personal.userAgent });
  await owner.call("sessions/export", { format: "json", userId: "erika" });
  await owner.get("sessions/end-many", { userId: "erika", confirmation: "erika" });
  await sidecar.run("CreateSession", { userId: "erika", ...personal });
  await owner.get("sessions/timeline", { userId: "erika" });
  const { code, stderr } = await byo(sidecar.database.env, "erase", "--user", "erika");
  expect([code, stderr]).toEqual([0, expect.stringContaining("2 sessions and 1 impersonations")]);
  const { text: dump } = await dumpDatabase(sidecar);
  for (const text of ["erika", "Erika", "203.0.113.7"]) expect(dump).not.toContain(text);
  expect(
    (await sidecar.command("ValidateSession", { sessionToken: other.sessionToken, ipAddress: "192.0.2.1" })).status,
  ).toBe(200);
  // Who has acted as a user stays on record, and so do the others.
  expect((await owner.get("impersonations/list", { employeeEmail: JOE })).items).toMatchObject([
    { userId: "olaf", endReason: null },
    { userId: expect.stringMatching(/^erased-/), endReason: "Revoked" },
  ]);
  expect(await owner.get("sessions/end-count", { userId: "erika" })).toEqual({ count: 0, isCapped: false });
});
