import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type CommandError, ERROR_STATUS } from "@byo-session/core/contract";
import { FRAMES } from "@byo-session/core/frames";
import type { ServeCommand } from "../commands/serve-command.ts";
import type { IntegrationKeys, KeyCheck } from "../keys/integration-keys.ts";
import { answerRaw } from "../raw-answer.ts";
import { type Connection, createConnection } from "./connection.ts";
import type { FastPathMetrics } from "./metrics.ts";

export interface FastPath {
  /** Whether a request asks for the fast path. Every other upgrade is none of ours, and answered as a plain request. */
  isAskedFor(request: IncomingMessage): boolean;
  /** Takes over the connection of a request that asks for it: with a good key it carries frames from now on. */
  open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** Opens no more, sends those who are connected elsewhere, and settles when each has been answered and has left. */
  close(): Promise<void>;
}

export interface FastPathOptions {
  keys: Pick<IntegrationKeys, "authenticate">;
  serve: ServeCommand;
  metrics: FastPathMetrics & { keyRefused(error: string): void };
  /** After about this time an application is asked to connect again. */
  connectionAgeMs: number;
}

const MAX_CONNECTIONS = 1_000;
/** Less than what the process takes: however many connections flood, requests are not told that it is busy. */
const MAX_UNDER_WAY = 1_600;
const MAX_OF_ONE_CONNECTION = 1_000;
const TICK_MS = 250;
const KEEP_ALIVE_MS = 15_000;
const SWITCHING = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${FRAMES.protocol}\r\n\r\n`;

/** Commands over connections that stay open, many at a time: what docs/wire-protocol.md describes as the fast path. */
export function createFastPath({ keys, serve, metrics, connectionAgeMs }: FastPathOptions): FastPath {
  const connections = new Set<Connection>();
  let isClosing = false;
  /** An equal share for each, so that none can use up what the others need. */
  const maxUnderWay = () => Math.min(MAX_OF_ONE_CONNECTION, Math.ceil(MAX_UNDER_WAY / connections.size));
  const timer = setInterval(() => {
    for (const connection of connections) connection.tick();
  }, TICK_MS).unref();

  /** Before a frame is read: without a key nobody makes this process parse anything. */
  async function refusalOrKey(checkKey: () => Promise<KeyCheck>): Promise<Refusal | (KeyCheck & { ok: true })> {
    let check: KeyCheck;
    try {
      check = await checkKey();
    } catch {
      return unavailable("the database did not answer");
    }
    if (!check.ok) {
      metrics.keyRefused(check.error.type);
      return { ok: false, status: ERROR_STATUS[check.error.type], error: check.error };
    }
    if (isClosing) return unavailable("the sidecar is stopping");
    return connections.size < MAX_CONNECTIONS ? check : unavailable("busy: too many connections");
  }

  return {
    isAskedFor: ({ method, url, headers }) =>
      method === "GET" && url === FRAMES.path && headers.upgrade?.toLowerCase() === FRAMES.protocol,

    async open(request, socket, head) {
      socket.on("error", () => socket.destroy());
      const { authorization } = request.headers;
      const checkKey = () => keys.authenticate(authorization);
      const check = await refusalOrKey(checkKey);
      if (!check.ok) {
        answerRaw(socket, check.status, check.error);
        return;
      }
      // It left meanwhile: nothing would ever end what is made of it.
      if (socket.destroyed) return;
      if (socket instanceof Socket) socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
      socket.write(SWITCHING);
      // Not all at the same time, nor all those of one deployment after a restart.
      const ageMs = connectionAgeMs * (0.5 + Math.random());
      const connection = createConnection({ socket, head, key: check, checkKey, serve, metrics, ageMs, maxUnderWay });
      connections.add(connection);
      await connection.ended;
      connections.delete(connection);
    },

    async close() {
      isClosing = true;
      const leaving = [...connections];
      for (const connection of leaving) connection.sayGoodbye("stopping");
      await Promise.all(leaving.map(({ ended }) => ended));
      clearInterval(timer);
    },
  };
}

interface Refusal {
  ok: false;
  status: number;
  error: CommandError;
}

function unavailable(details: string): Refusal {
  return { ok: false, status: 503, error: { type: "UnexpectedError", details } };
}
