import { request } from "undici";
import type { LiveMessages } from "../../../../sidecar/src/dashboard/contract/live.ts";
import type { DashboardClient } from "./dashboard-client.ts";

export interface LiveReader {
  status: number;
  messages: { name: keyof LiveMessages; data: unknown }[];
  bytes: () => number;
  /** Resolves when the server has ended the stream. */
  ended: Promise<void>;
  close(): void;
}

/** Opens the stream of live events as a page does, and keeps what it sends. */
export async function readLive(url: string, client: DashboardClient, query = ""): Promise<LiveReader> {
  const stop = new AbortController();
  const answer = await request(`${url}/dashboard-api/live/events${query}`, {
    headers: { "sec-fetch-site": "same-origin", cookie: client.cookie ?? "" },
    signal: stop.signal,
  });
  const messages: LiveReader["messages"] = [];
  let text = "";
  let bytes = 0;
  const read = async () => {
    for await (const chunk of answer.body) {
      bytes += Buffer.byteLength(chunk);
      text += String(chunk);
      const parts = text.split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? [];
        if (name === "events" || name === "changed") messages.push({ name, data: JSON.parse(data ?? "") });
      }
    }
  };
  return {
    status: answer.statusCode,
    messages,
    bytes: () => bytes,
    ended: read().catch(() => {}),
    close: () => stop.abort(),
  };
}
