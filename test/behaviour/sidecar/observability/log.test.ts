import { request } from "undici";
import { expect, it } from "vitest";
import type { LogLine } from "../../../harness/log-lines.ts";
import { launchSidecar, spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";
import { logIn, validate } from "../login.ts";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The lines that lack what every line has. */
function misshapen(lines: readonly LogLine[]): LogLine[] {
  return lines.filter(
    ({ level, time, msg }) => typeof level !== "number" || !TIME.test(String(time)) || typeof msg !== "string" || !msg,
  );
}

it("every line has a time, a level and a message, from the start to the stop", async () => {
  const sidecar = await spawnTestSidecar();
  const { token } = await logIn(sidecar);
  await validate(sidecar, token, { requiredTags: ["no:such"] });
  await sidecar.writeConfig("{ broken");
  await expect.poll(() => sidecar.logText()).toContain("ConfigRefused");
  await sidecar.kill("SIGTERM");
  expect(sidecar.logs().length).toBeGreaterThan(4);
  expect(misshapen(sidecar.logs())).toEqual([]);
});

it("a start that fails is a line too", async () => {
  const failed = await launchSidecar({ env: { LOG_LEVEL: "loud" } });
  await failed.ended;
  expect(failed.logs()).toEqual([
    expect.objectContaining({ level: 60, msg: expect.stringMatching(/cannot start\. .*LOG_LEVEL: expected one of/s) }),
  ]);
});

it("a warning from Node and an error that nothing caught are lines too", async () => {
  const later =
    "setTimeout(()=>{process.emitWarning('careful');setTimeout(()=>{throw(new/**/Error('boom'))},100)},4000)";
  const failed = await launchSidecar({ env: { NODE_OPTIONS: `--import=data:text/javascript,${later}` } });
  expect(await failed.ended).toEqual({ code: 1, signal: null });
  expect(misshapen(failed.logs())).toEqual([]);
  const said = failed.logs().map(({ level, err }) => [level, JSON.stringify(err ?? "")]);
  expect(said).toContainEqual([40, expect.stringContaining("careful")]);
  expect(said.at(-1)).toEqual([60, expect.stringContaining("boom")]);
});

it("an answer, its audit event and an error have the id of one request, and nobody chooses it", async () => {
  const sidecar = await startTestSidecar();
  const post = (userId: string) =>
    request(`${sidecar.url}/run-command`, {
      method: "POST",
      headers: { authorization: `Bearer ${sidecar.integrationKey}`, "x-request-id": "chosen" },
      body: JSON.stringify({ command: "CreateSession", data: { userId } }),
    });
  // At once, so that they share a transaction.
  const answers = await Promise.all(
    ["ada", "grace", "joan"].map(async (userId) => ({ userId, ...(await post(userId)) })),
  );
  for (const { userId, headers } of answers) {
    const requestId = headers["x-request-id"];
    expect(requestId).toMatch(/^[\da-f-]{36}$/);
    expect(sidecar.logs()).toContainEqual(expect.objectContaining({ event: "SessionCreated", userId, requestId }));
  }
  await sidecar.sql("ALTER TABLE byo.audit_events RENAME TO gone");
  const { statusCode, headers, body } = await post("mary");
  expect(statusCode).toBe(500);
  const requestId = headers["x-request-id"];
  expect(await body.json()).toMatchObject({ details: expect.stringContaining(`for the request ${requestId}`) });
  expect(sidecar.logs()).toContainEqual(expect.objectContaining({ level: 50, requestId, command: "CreateSession" }));
});
