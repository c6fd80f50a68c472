import { expect, it } from "vitest";
import { spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";

const DAY_SECS = 86_400;

it("moves the time of a sidecar, which nothing else does", async () => {
  const sidecar = await startTestSidecar({ config: { defaults: { absolute_lifetime_secs: DAY_SECS } } });
  const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
  await sidecar.advance(DAY_SECS - 60);
  await sidecar.run("ValidateSession", { sessionToken });
  await sidecar.advance(60);
  expect(await sidecar.command("ValidateSession", { sessionToken })).toMatchObject({
    status: 401,
    body: { type: "InvalidSessionToken" },
  });
  const [row] = await sidecar.sql("SELECT count(*)::int AS sessions FROM byo.sessions");
  expect(row).toEqual({ sessions: 1 });
});

it("runs the sidecar as a process, which ends well when told to", async () => {
  const sidecar = await spawnTestSidecar();
  const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
  expect(sidecar.logText()).not.toContain(sessionToken);
  expect(await sidecar.kill("SIGTERM")).toEqual({ code: 0, signal: null });
  const [row] = await sidecar.sql("SELECT user_id FROM byo.sessions");
  expect(row).toEqual({ user_id: "ada" });
});
