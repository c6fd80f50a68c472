import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { authenticateUpgrade, byoSession } from "@byo-session/express";
import express from "express";
import { WebSocket, WebSocketServer } from "ws";
import { CHROME_ON_LINUX } from "../../../harness/browser-client.ts";
import { serve } from "../../../harness/serve.ts";
import type { TestSidecar } from "../../../harness/test-sidecar.ts";
import { times } from "../fleet.ts";

const AT_ONCE = 50;

/** What is left of sockets that were opened and closed by their clients. */
export interface Left {
  /** Results of `authenticateUpgrade()` that are still in memory. */
  readonly inMemory: number;
  /** Sessions that the sidecar would still tell of. */
  readonly watched: number | undefined;
}

/** Opens so many sockets of one session, each watched, and closes them again. */
export async function comeAndGo(sidecar: TestSidecar, count: number): Promise<Left> {
  const app = express();
  const { url: sidecarUrl, integrationKey } = sidecar;
  const sessions = byoSession({ url: sidecarUrl, integrationKey, hold: false });
  app.use(sessions);
  const { url, server } = await serve(app);
  const results: WeakRef<object>[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", async (req, socket, head) => {
    const opened = await authenticateUpgrade(req, { app, sessions });
    if (!opened.ok) return void socket.end(opened.response);
    results.push(new WeakRef(opened));
    sockets.handleUpgrade(req, socket, head, (ws) => {
      opened.closed.then(({ reason }) => ws.close(4401, reason));
    });
  });
  const login = { userId: crypto.randomUUID(), userAgent: CHROME_ON_LINUX };
  const { sessionToken } = await sidecar.run("CreateSession", login);
  const headers = { cookie: `__Host-sessionToken=${sessionToken}`, "user-agent": CHROME_ON_LINUX };
  for (let done = 0; done < count; done += AT_ONCE) await Promise.all(times(AT_ONCE, () => openAndClose(url, headers)));

  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const inMemory = () => results.filter((result) => result.deref() !== undefined).length;
  // What was reached in this turn is kept until its end.
  for (let tries = 0; tries < 50 && inMemory() > 0; tries++) {
    await setImmediate();
    collect();
  }
  return { inMemory: inMemory(), watched: (await sidecar.metrics()).get("byo_held_interests") };
}

async function openAndClose(url: string, headers: Record<string, string>): Promise<void> {
  const ws = new WebSocket(url, { headers });
  await once(ws, "open");
  ws.close();
  await once(ws, "close");
}
