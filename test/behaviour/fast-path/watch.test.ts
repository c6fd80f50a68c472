import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { SessionEnd } from "@byo-session/core";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startTestReplicas, startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { type ConnectedClient, clientOf, connectedClient } from "./connected-client.ts";

const NOTIFIES = { SESSION_CACHE: "on" };

let here: TestSidecar;
let there: TestSidecar;
let client: ConnectedClient;

beforeAll(async () => {
  [here, there] = (await startTestReplicas(2, { env: NOTIFIES })) as [TestSidecar, TestSidecar];
  client = await connectedClient(here);
});

interface Watched {
  readonly told: (string | object)[];
  readonly ended: Promise<SessionEnd>;
  readonly stop: () => void;
}

function watch(sessionId: string, by = client): Watched {
  const told: (string | object)[] = [];
  let stop = () => {};
  const ended = new Promise<SessionEnd>((resolve) => {
    stop = by.watch(sessionId, {
      onSessionEnd(end) {
        told.push(end.reason);
        resolve(end);
      },
      onSessionChange: ({ sessionTags, metadata }) => told.push({ sessionTags, metadata }),
      onSessionUnknown: () => told.push("unknown"),
    });
  });
  onTestFinished(stop);
  return { told, ended, stop };
}

/** Long enough for it to be pushed. */
const settled = () => sleep(400);

async function msUntil(ended: Promise<unknown>, change: () => Promise<unknown>): Promise<number> {
  await settled();
  await change();
  const atMs = performance.now();
  await ended;
  return performance.now() - atMs;
}

describe("a watched session", () => {
  it("is told to have ended, with the reason, by whichever replica it was ended", async () => {
    const { sessionId } = await here.run("CreateSession", { userId: "ada" });
    const { sessionToken, sessionId: second } = await here.run("CreateSession", { userId: "ben" });
    const [ada, ben] = [watch(sessionId), watch(second)];
    expect(await msUntil(ada.ended, () => there.run("InvalidateAllSessionsForUser", { userId: "ada" }))).toBeLessThan(
      1000,
    );
    expect(await ada.ended).toEqual({ sessionId, reason: "Revoked" });
    expect(ben.told).toEqual([]);
    expect(await msUntil(ben.ended, () => there.run("InvalidateSessionByToken", { sessionToken }))).toBeLessThan(1000);
    expect(ben.told).toEqual(["LoggedOut"]);
  });
});
