import { once } from "node:events";
import { beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { CHROME_ON_LINUX } from "../../harness/browser-client.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { HOSTS } from "./hosts.ts";

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({ env: { SESSION_CACHE: "on" } });
});

async function logIn() {
  const userId = crypto.randomUUID();
  const { sessionToken } = await sidecar.run("CreateSession", { userId, userAgent: CHROME_ON_LINUX });
  return {
    headers: { cookie: `__Host-sessionToken=${sessionToken}`, "user-agent": CHROME_ON_LINUX },
    logOut: () => sidecar.run("InvalidateAllSessionsForUser", { userId }),
  };
}

/** Sessions that the sidecar has promised to tell of. */
async function watched(): Promise<number | undefined> {
  return (await sidecar.metrics()).get("byo_held_interests");
}

async function openSocket(url: string, headers: Record<string, string>): Promise<WebSocket> {
  const ws = new WebSocket(`${url.replace("http", "ws")}/socket`, { headers });
  await once(ws, "open");
  return ws;
}

describe.each(HOSTS)("%s", (_name, start) => {
  let url: string;

  beforeAll(async () => {
    // So that the sidecar notes nothing but watched sessions.
    url = await start({ url: sidecar.url, integrationKey: sidecar.integrationKey, hold: false });
  });

  it("closes a socket when its session ends, and forgets the one whose client has gone", async () => {
    const { headers, logOut } = await logIn();
    const [stays, goes] = await Promise.all([openSocket(url, headers), openSocket(url, headers)]);
    goes.close();
    await once(goes, "close");
    const closed = once(stays, "close");
    await logOut();
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([4401, "Revoked"]);
  });

  it("ends a stream of events when its session ends", async () => {
    const { headers, logOut } = await logIn();
    const events = await fetch(`${url}/events`, { headers });
    const text = events.text();
    await logOut();
    expect(await text).toBe("data: hello\n\n");
  });

  it("watches nothing once the clients have gone", async () => {
    const { headers } = await logIn();
    const others = await logIn();
    const socket = await openSocket(url, headers);
    const leaving = new AbortController();
    const events = await fetch(`${url}/events`, { headers: others.headers, signal: leaving.signal });
    const reading = events.text().catch(() => "gone");
    await expect.poll(watched).toBeGreaterThanOrEqual(2);
    leaving.abort();
    socket.terminate();
    expect(await reading).toBe("gone");
    await expect.poll(watched).toBe(0);
  });
});
