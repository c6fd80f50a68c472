import { Pool } from "undici";
import { CONNECTIONS, HEADERS } from "./load.ts";

/** Requests to one of the apps, from this process and one by one. */
export interface AppRequests {
  /** The status of a protected request. */
  statusOf(cookie: string): Promise<number>;
  /** How many requests this app has answered with what it holds. */
  served(): Promise<number>;
  close(): Promise<void>;
}

export function requestsTo(url: string): AppRequests {
  const pool = new Pool(url, { connections: CONNECTIONS });
  return {
    async statusOf(cookie) {
      const { statusCode, body } = await pool.request({ path: "/me", method: "GET", headers: { ...HEADERS, cookie } });
      await body.dump();
      return statusCode;
    },
    async served() {
      const { body } = await pool.request({ path: "/holds", method: "GET" });
      return Number(Object(await body.json()).served ?? 0);
    },
    close: () => pool.close(),
  };
}
