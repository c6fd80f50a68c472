import type { CommandData, CommandName, CommandResponse } from "@byo-session/core/contract";
import { request } from "undici";
import { openRawPeer, type RawPeer } from "./raw-peer.ts";
import { heardByApplications } from "./session-cache.ts";
import { HARNESS_USES_FRAMES } from "./switches.ts";

export interface CommandAnswer {
  status: number;
  body: Record<string, unknown>;
}

export interface CommandOptions {
  /** The whole Authorization header, instead of the test's own key; null leaves it out. */
  authorization?: string | null;
}

export interface SidecarClient {
  readonly url: string;
  /** Sends a command as it is, even a malformed one, and returns whatever is answered. */
  command(name: string, data?: unknown, options?: CommandOptions): Promise<CommandAnswer>;
  /** Sends a command that must succeed, and returns its answer. */
  run<C extends CommandName>(name: C, data: CommandData[C]): Promise<CommandResponse[C]>;
  /** Sends any body to /run-command with the test's own key. */
  post(body: string | Buffer, headers?: Record<string, string>): Promise<CommandAnswer>;
  /** The counters and gauges of /metrics, by `name` or `name{label="value"}` as they stand there. */
  metrics(): Promise<Map<string, number>>;
  get(path: string): Promise<{ status: number; text: string }>;
}

/** Talks to a sidecar without our own client, so that tests see exactly what is on the wire. */
export function createSidecarClient(url: string, integrationKey: string): SidecarClient {
  async function post(body: string | Buffer, headers: Record<string, string> = {}): Promise<CommandAnswer> {
    const answer = await request(`${url}/run-command`, {
      method: "POST",
      headers: { authorization: `Bearer ${integrationKey}`, "content-type": "application/json", ...headers },
      body,
    });
    return { status: answer.statusCode, body: parseObject(await answer.body.text()) };
  }

  let peer: Promise<RawPeer> | undefined;
  let lastId = 0;

  async function commandInFrame(body: object): Promise<CommandAnswer> {
    peer ??= openRawPeer({ url, integrationKey });
    const { send, answerTo } = await peer;
    const id = ++lastId;
    send(id, body);
    const { status, json } = await answerTo(id);
    return { status, body: parseObject(json) };
  }

  async function command(name: string, data?: unknown, options: CommandOptions = {}): Promise<CommandAnswer> {
    const answer = await send(name, data, options);
    await heardByApplications(name);
    return answer;
  }

  async function send(name: string, data: unknown, options: CommandOptions): Promise<CommandAnswer> {
    if (HARNESS_USES_FRAMES && options.authorization === undefined) return commandInFrame({ command: name, data });
    const authorization = options.authorization === undefined ? `Bearer ${integrationKey}` : options.authorization;
    const answer = await request(`${url}/run-command`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(authorization === null ? {} : { authorization }) },
      body: JSON.stringify({ command: name, data }),
    });
    return { status: answer.statusCode, body: parseObject(await answer.body.text()) };
  }

  async function get(path: string) {
    const answer = await request(`${url}${path}`);
    return { status: answer.statusCode, text: await answer.body.text() };
  }

  return {
    url,
    command,
    post,
    get,
    async run<C extends CommandName>(name: C, data: CommandData[C]) {
      const { status, body } = await command(name, data);
      if (status !== 200) throw new Error(`${name} answered ${status}: ${JSON.stringify(body)}`);
      return body as unknown as CommandResponse[C];
    },
    metrics: async () => parseMetrics((await get("/metrics")).text),
  };
}

function parseObject(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new Error(`expected a JSON object, got ${text}`);
  return { ...value };
}

function parseMetrics(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );
}
