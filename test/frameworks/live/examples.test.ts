import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { EventSource } from "eventsource";
import { io } from "socket.io-client";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { CHROME_ON_LINUX } from "../../harness/browser-client.ts";
import { IS_LONG } from "../../harness/is-long.ts";
import { startTestReplicas, type TestSidecar } from "../../harness/test-sidecar.ts";
import { startExample } from "./example-program.ts";

const PATIENCE_MS = 20_000;

let here: TestSidecar;
let there: TestSidecar;

beforeAll(async () => {
  const config = { defaults: { rotation_interval_secs: 1 } };
  [here, there] = (await startTestReplicas(2, { config, env: { SESSION_CACHE: "on" } })) as [TestSidecar, TestSidecar];
});

interface Browser {
  readonly headers: { cookie: string; "user-agent": string };
  /** Takes a new token, and uses it. */
  rotate(): Promise<void>;
  logOut(): Promise<unknown>;
}

async function logIn(): Promise<Browser> {
  const userId = `ada-${crypto.randomUUID()}`;
  const client = { userAgent: CHROME_ON_LINUX };
  const { sessionToken } = await here.run("CreateSession", { userId, ...client });
  return {
    headers: { cookie: `__Host-sessionToken=${sessionToken}`, "user-agent": CHROME_ON_LINUX },
    async rotate() {
      await sleep(1100);
      const { newSessionToken } = await there.run("ValidateAndRefreshSession", { sessionToken, ...client });
      expect(newSessionToken).toBeTypeOf("string");
      await there.run("ValidateSession", { sessionToken: newSessionToken, ...client });
      await sleep(300);
    },
    logOut: () => there.run("InvalidateAllSessionsForUser", { userId }),
  };
}

async function msAfter(change: () => Promise<unknown>, end: Promise<unknown>): Promise<number> {
  await change();
  const atMs = performance.now();
  await end;
  return performance.now() - atMs;
}

/** They differ in how a socket is reached, which `hosts.test.ts` tries on each framework. */
const FRAMEWORKS = IS_LONG ? ["express", "fastify"] : ["express"];

describe.each(FRAMEWORKS)("the examples of docs/live.md: %s", (framework) => {
  it(
    "ws: a rotation closes nothing, a logout everywhere closes the socket with its reason",
    async () => {
      const { url } = await startExample(`${framework}-ws.ts`, here);
      const { headers, rotate, logOut } = await logIn();
      const ws = new WebSocket(url, { headers });
      const closed = once(ws, "close");
      const [hello] = await once(ws, "message");
      expect(String(hello)).toMatch(/^hello ada/);
      await rotate();
      expect(ws.readyState).toBe(WebSocket.OPEN);
      expect(await msAfter(logOut, closed)).toBeLessThan(1000);
      const [code, reason] = await closed;
      expect([code, String(reason)]).toEqual([4401, "Revoked"]);
      const refused = new WebSocket(url, { headers });
      expect(await once(refused, "error")).toMatchObject([{ message: expect.stringContaining("401") }]);
    },
    PATIENCE_MS,
  );

  it.each([["websocket"], ["polling"]])(
    "Socket.IO by %s: the same",
    async (transport) => {
      const { url } = await startExample(`${framework}-socket-io.ts`, here);
      const { headers, rotate, logOut } = await logIn();
      const options = { transports: [transport], forceNew: true, reconnection: false };
      const socket = io(url, { ...options, extraHeaders: headers });
      onTestFinished(() => void socket.disconnect());
      const disconnected = new Promise((resolve) => socket.once("disconnect", resolve));
      expect(await new Promise((resolve) => socket.once("hello", resolve))).toMatch(/^ada/);
      await rotate();
      expect(socket.connected).toBe(true);
      expect(await msAfter(logOut, disconnected)).toBeLessThan(1000);
      expect(await disconnected).toBe("io server disconnect");
      const refused = io(url, { ...options, extraHeaders: headers });
      onTestFinished(() => void refused.disconnect());
      const error = await new Promise<Error>((resolve) => refused.once("connect_error", resolve));
      expect(error.message).toBe("Revoked");
    },
    PATIENCE_MS,
  );

  it(
    "EventSource: the stream ends, and the next request is answered by 401",
    async () => {
      const { url } = await startExample(`${framework}-events.ts`, here);
      const { headers, rotate, logOut } = await logIn();
      const asBrowser = (address: string | URL, init: object) => fetch(address, { ...init, headers: { ...headers } });
      const events = new EventSource(`${url}/events`, { fetch: asBrowser });
      onTestFinished(() => events.close());
      const errors: (number | undefined)[] = [];
      const interrupted = new Promise<void>((resolve) => {
        events.addEventListener("error", ({ code }) => {
          errors.push(code);
          resolve();
        });
      });
      const { data } = await new Promise<MessageEvent>((resolve) => {
        events.addEventListener("message", resolve, { once: true });
      });
      expect(data).toMatch(/^hello ada/);
      await rotate();
      expect([events.readyState, errors]).toEqual([EventSource.OPEN, []]);
      expect(await msAfter(logOut, interrupted)).toBeLessThan(1000);
      await expect.poll(() => events.readyState).toBe(EventSource.CLOSED);
      expect(errors).toEqual([undefined, 401]);
    },
    PATIENCE_MS,
  );
});
