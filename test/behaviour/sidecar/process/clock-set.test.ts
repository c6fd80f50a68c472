import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, it, vi } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { freshProof, logInWithDevice, proved, REQUIRED } from "../bound-session.ts";
import { invalid, logIn, refresh, rotatedOnce, successorOf, validate } from "../login.ts";

const HOUR_SECS = 3600;
/** How often the replica looks at the clock, or a little more. */
const BEAT_MS = 300;
const SOON = { timeout: 5000, interval: 20 };
let sidecar: TestSidecar;

beforeAll(async () => {
  const tags = [{ tag: "life:short", absolute_lifetime_secs: 1800 }];
  const config = { defaults: { absolute_lifetime_secs: 10 * HOUR_SECS }, tags };
  sidecar = await startTestSidecar({ config, env: { SESSION_CACHE: "on" } });
});

/** Sets the clock of the database's server, until the replica has noticed. */
async function setClock(bySecs: number): Promise<void> {
  await vi.waitFor(async () => expect((await sidecar.metrics()).get("byo_session_notifications_heard")).toBe(1), SOON);
  // An earlier step must have been noticed: together with its opposite it would be none.
  await sleep(2 * BEAT_MS);
  await sidecar.advance(bySecs);
  await vi.waitFor(() => {
    const told = /"bySecs":(-?\d+)/.exec(
      sidecar
        .logText()
        .split("\n")
        .findLast((line) => line.includes("bySecs")) ?? "",
    );
    expect(Math.abs(Number(told?.[1]) - bySecs)).toBeLessThan(3);
  }, SOON);
}

it("set forward by an hour, ends what it should, at once, and nothing else", async () => {
  const [short, long] = [await logIn(sidecar, { tags: ["life:short"] }), await logIn(sidecar)];
  const bound = await logInWithDevice(sidecar);
  const oldProof = await freshProof(sidecar, bound.device);
  const { ticket } = await sidecar.run("CreateUpgradeTicket", { sessionId: long.sessionId });
  for (const { token } of [short, long, short, long]) {
    expect(await validate(sidecar, token)).toMatchObject({ status: 200 });
  }
  await setClock(HOUR_SECS);
  expect(await validate(sidecar, short.token)).toEqual(invalid("Expired"));
  expect(await validate(sidecar, long.token)).toMatchObject({ status: 200 });
  expect(await validate(sidecar, bound.token, { deviceVerification: oldProof })).toMatchObject({ status: 425 });
  expect(await sidecar.command("ValidateSession", await proved(sidecar, bound))).toMatchObject({ status: 200 });
  expect((await sidecar.command("RedeemUpgradeTicket", { ticket })).status).toBe(401);
});

it("set back by an hour, logs nobody out, brings nothing back, and goes on", async () => {
  const [ended, long] = [await logIn(sidecar), await rotatedOnce(sidecar)];
  const bound = await logInWithDevice(sidecar);
  const { ticket } = await sidecar.run("CreateUpgradeTicket", { sessionId: long.sessionId });
  const used = await proved(sidecar, bound);
  expect(await sidecar.command("ValidateSession", used)).toMatchObject({ status: 200 });
  await sidecar.run("InvalidateSessionById", { sessionId: ended.sessionId });
  await setClock(-HOUR_SECS);

  expect(await validate(sidecar, ended.token)).toEqual(invalid("Revoked"));
  expect(await validate(sidecar, long.second)).toMatchObject({ status: 200 });
  // A request that was under way with the token before.
  expect(await validate(sidecar, long.first)).toMatchObject({ status: 200 });
  expect(await sidecar.command("ValidateSession", used)).toMatchObject({ status: 401 });
  expect(await validate(sidecar, bound.token)).toEqual(REQUIRED);
  expect(await sidecar.command("ValidateSession", await proved(sidecar, bound))).toMatchObject({ status: 200 });
  expect((await sidecar.command("RedeemUpgradeTicket", { ticket })).status).toBe(200);
  expect((await sidecar.command("RedeemUpgradeTicket", { ticket })).status).toBe(401);

  const fresh = await rotatedOnce(sidecar);
  const third = await successorAfter(fresh.second);
  await refresh(sidecar, third);
  // Used again after its grace: two parties have the session.
  await sidecar.advance(HOUR_SECS);
  expect(await validate(sidecar, fresh.first)).toEqual(invalid("TokenReused"));
});

async function successorAfter(token: string): Promise<string> {
  await sidecar.advance(HOUR_SECS);
  return successorOf(sidecar, token);
}
