import { setTimeout as sleep } from "node:timers/promises";
import type { ValidateSessionData } from "@byo-session/core/contract";
import { FRAMES } from "@byo-session/core/frames";
import { describe, expect, it } from "vitest";
import { openRawPeer } from "../../harness/raw-peer.ts";
import { startTestReplicas, startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { type ConnectedClient, connectedClient } from "./connected-client.ts";

const ON = { SESSION_CACHE: "on" };
const CLIENT = {
  ipAddress: "203.0.113.7",
  userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
};

async function start(config: object = {}) {
  const sidecar = await startTestSidecar({ env: ON, config });
  const client = await connectedClient(sidecar);
  return { sidecar, client };
}

async function logIn(sidecar: TestSidecar, data: object = {}) {
  const login = await sidecar.run("CreateSession", { userId: "ada", ...CLIENT, ...data });
  return { ...login, question: { sessionToken: login.sessionToken, ...CLIENT } };
}

function isServed(client: ConnectedClient, question: ValidateSessionData): boolean {
  return client.holds?.find(question.sessionToken ?? "", question) !== undefined;
}

/** Validates until the answer is held and served, or for a while. */
async function becomesServed(client: ConnectedClient, question: ValidateSessionData): Promise<boolean> {
  for (const deadline = performance.now() + 2000; performance.now() < deadline; await sleep(10)) {
    if (isServed(client, question)) return true;
    await client.session.validateAndRefresh(question);
  }
  return false;
}

async function untilServed(client: ConnectedClient, question: ValidateSessionData): Promise<void> {
  if (!(await becomesServed(client, question))) throw new Error("expected an answer that is held");
}

describe("what may be held", () => {
  it("is a plain acceptance, for as long as the policy says", async () => {
    const { sidecar, client } = await start({ defaults: { max_hold_secs: 7 } });
    const { question } = await logIn(sidecar);
    await untilServed(client, question);
    const answer = (await client.session.validate(question)).getOrThrow();
    expect(answer).toMatchObject({ userId: "ada", holdMs: 7000 });
    // By a single request never.
    expect((await sidecar.run("ValidateSession", question)).holdMs).toBeUndefined();
    const metrics = await sidecar.metrics();
    expect(metrics.get("byo_session_notifications_heard")).toBe(1);
    expect(metrics.get("byo_holds_granted_total")).toBeGreaterThan(0);
    expect(metrics.get("byo_held_interests")).toBe(1);
    expect(metrics.get('byo_beats_total{answer="vouched"}')).toBeGreaterThan(0);
  });

  it.each([
    ["the policy's word, 0", { defaults: { max_hold_secs: 0 } }],
    ["a tag's word, 0", { tags: [{ tag: "role:admin", max_hold_secs: 0 }] }],
    ["a rotation that is due at every request", { defaults: { rotation_interval_secs: 1 } }],
  ])("is nothing by %s", async (_why, config) => {
    const { sidecar, client } = await start(config);
    const { question } = await logIn(sidecar, { tags: ["role:admin"] });
    if ("defaults" in config && "rotation_interval_secs" in config.defaults) await sidecar.advance(60);
    expect(await becomesServed(client, question)).toBe(false);
  });

  it("is nothing where one of the two halves is off or old", async () => {
    const off = await startTestSidecar({ env: { SESSION_CACHE: "off" } });
    const login = await logIn(off);
    expect(await becomesServed(await connectedClient(off), login.question)).toBe(false);
    const { sidecar } = await start();
    const { question } = await logIn(sidecar);
    const old = await connectedClient(sidecar, { hold: false });
    expect(old.holds).toBeUndefined();
    expect((await old.session.validate(question)).getOrThrow().holdMs).toBeUndefined();
  });
});

describe("what is held is taken back", () => {
  it.each([
    ["ended", ({ sidecar, sessionId }: Shown) => sidecar.run("InvalidateSessionById", { sessionId })],
    [
      "ended with all of the user",
      ({ sidecar }: Shown) => sidecar.run("InvalidateAllSessionsForUser", { userId: "ada" }),
    ],
    [
      "given a tag",
      ({ sidecar, sessionId }: Shown) => sidecar.run("UpdateSession", { sessionId, tagsToAdd: ["plan:free"] }),
    ],
    [
      "given metadata",
      ({ sidecar, sessionId }: Shown) => sidecar.run("UpdateSession", { sessionId, newMetadata: { theme: "dark" } }),
    ],
    [
      "shown by another client",
      ({ sidecar, question }: Shown) => sidecar.command("ValidateSession", { ...question, ipAddress: "198.51.100.9" }),
    ],
    [
      "ended by hand",
      ({ sidecar }: Shown) => sidecar.sql("UPDATE byo.sessions SET ended_at = byo.now(), end_reason = 'Revoked'"),
    ],
    ["deleted by hand", ({ sidecar }: Shown) => sidecar.sql("DELETE FROM byo.sessions")],
    ["under a new policy", ({ sidecar }: Shown) => sidecar.writeConfig({ defaults: { max_hold_secs: 9 } })],
  ])("when the session is %s", async (_how, change) => {
    const { sidecar, client } = await start();
    const { sessionId, question } = await logIn(sidecar);
    await untilServed(client, question);
    await change({ sidecar, sessionId, question });
    await expect.poll(() => isServed(client, question), { timeout: 3000 }).toBe(false);
    expect(client.holds?.counts.forgotten).toBe(1);
  });

  it("when another replica changes the session, and not when it notes a use", async () => {
    const [here, there] = await startTestReplicas(2, { env: ON });
    if (!here || !there) throw new Error("expected two sidecars");
    const client = await connectedClient(here);
    const { sessionId, question } = await logIn(there);
    await untilServed(client, question);
    await there.run("ValidateSession", question);
    await sleep(1500);
    expect(isServed(client, question)).toBe(true);
    await there.run("InvalidateSessionById", { sessionId });
    await expect.poll(() => isServed(client, question), { timeout: 1000 }).toBe(false);
  });

  it("when the session rotates, and the successor is held in its place", async () => {
    const { sidecar, client } = await start({ defaults: { rotation_interval_secs: 3600 } });
    const { question } = await logIn(sidecar);
    await untilServed(client, question);
    await sidecar.advance(3601);
    await sidecar.sql("SELECT pg_notify('byo_sessions', '*')");
    await expect.poll(() => isServed(client, question)).toBe(false);
    await sleep(600);
    const { newSessionToken = "", holdMs } = (await client.session.validateAndRefresh(question)).getOrThrow();
    expect([newSessionToken !== "", holdMs]).toEqual([true, undefined]);
    expect(await becomesServed(client, question)).toBe(false);
    await untilServed(client, { ...question, sessionToken: newSessionToken });
    expect(isServed(client, question)).toBe(false);
  });

  it("when the replica no longer hears, which it says once; and it grants again when it does", async () => {
    const { sidecar, client } = await start();
    const { question } = await logIn(sidecar);
    await untilServed(client, question);
    await sidecar.sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'byo-session listener' AND datname = current_database()",
    );
    await expect.poll(() => isServed(client, question), { timeout: 1000, interval: 5 }).toBe(false);
    await untilServed(client, question);
    const said = sidecar.logs().filter(({ msg }) => String(msg).includes("does not hear which sessions change"));
    expect(said).toHaveLength(1);
  });
});

interface Shown {
  sidecar: TestSidecar;
  sessionId: string;
  question: ValidateSessionData;
}

describe("a peer that knows holds", () => {
  it("hears about what it watches, and gets its beats answered behind that", async () => {
    const { sidecar } = await start();
    const { sessionId } = await logIn(sidecar);
    const peer = await openRawPeer(sidecar, undefined, "other, holds");
    await expect.poll(async () => (await sidecar.metrics()).get("byo_session_notifications_heard")).toBe(1);
    peer.send(FRAMES.controlId, { watch: [sessionId], beat: 1, later: "unknown" });
    expect(await peer.answerTo(FRAMES.controlId)).toMatchObject({ status: 2, json: "1" });
    await sidecar.run("UpdateSession", { sessionId, tagsToAdd: ["plan:free"] });
    await expect
      .poll(() => peer.answerTo(FRAMES.controlId))
      .toMatchObject({ status: 1, json: JSON.stringify(sessionId) });
  });

  it.each([
    ["text", "beat"],
    ["a list", "[1]".repeat(2)],
    ["a beat that is no number", '{"beat":"1"}'],
    ["ids that are no texts", '{"watch":[1]}'],
    ["an id that is a long text", JSON.stringify({ watch: ["a".repeat(65)] })],
  ])("is closed at what is no request: %s", async (_what, sent) => {
    const { sidecar } = await start();
    const peer = await openRawPeer(sidecar, undefined, "holds");
    peer.send(FRAMES.controlId, sent);
    expect(await peer.reason()).toContain("expected a JSON object");
  });

  it("that does not say so is closed as ever at an id of 0", async () => {
    const { sidecar } = await start();
    const peer = await openRawPeer(sidecar);
    peer.send(FRAMES.controlId, { beat: 1 });
    expect(await peer.reason()).toContain("ids that rise");
  });
});
