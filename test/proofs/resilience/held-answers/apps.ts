import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { HoldCounts } from "@byo-session/core";
import { Pool } from "undici";
import { stopAfterFile } from "../../../harness/leftovers.ts";

export interface HoldingApp {
  /** The status of a request with this session's cookie. */
  visit(token: string): Promise<number>;
  counts(): Promise<HoldCounts>;
}

const CONNECTIONS = 64;

/** Starts an application that asks the sidecar at this address. */
export async function startHoldingApp(url: string, integrationKey: string): Promise<HoldingApp> {
  const child: ChildProcess = fork(join(import.meta.dirname, "holding-app.ts"), {
    env: { PATH: process.env.PATH, NODE_ENV: "production", BYO_URL: url, BYO_INTEGRATION_KEY: integrationKey },
    execArgv: ["--conditions=@byo-session/source"],
  });
  const [port]: unknown[] = await once(child, "message");
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS });
  stopAfterFile(async () => {
    await pool.destroy();
    child.kill("SIGKILL");
  });
  return {
    async visit(token) {
      const answer = await pool.request({
        method: "GET",
        path: "/me",
        headers: { cookie: `__Host-sessionToken=${token}` },
      });
      await answer.body.dump();
      return answer.statusCode;
    },
    async counts() {
      const answer = await pool.request({ method: "GET", path: "/holds" });
      return (await answer.body.json()) as HoldCounts;
    },
  };
}
