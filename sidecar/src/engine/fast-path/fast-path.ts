import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type CommandError, ERROR_STATUS } from "@byo-session/core/contract";
import { EXTENSIONS_HEADER, FRAMES } from "@byo-session/core/frames";
import type { ServeCommand } from "../commands/serve-command.ts";
import type { Holds } from "../holds/holds.ts";
import type { IntegrationKeys, KeyCheck } from "../keys/integration-keys.ts";
import { answerRaw } from "../raw-answer.ts";
import { type Connection, createConnection } from "./connection.ts";
import type { FastPathMetrics } from "./metrics.ts";

export interface FastPath {
  /** Whether a request asks for the fast path. Any other upgrade is ignored and answered as a plain request. */
  isAskedFor(request: IncomingMessage): boolean;
  /** Takes over the connection of such a request: with a valid key it carries frames from now on. */
  open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** Accepts no new connections, asks the open ones to leave, and resolves when all have been answered and are gone. */
  close(): Promise<void>;
}

export interface FastPathOptions {
  keys: Pick<IntegrationKeys, "authenticate">;
  serve: ServeCommand;
  metrics: FastPathMetrics;
  /** Undefined: nothing is granted to be held. */
  holds: Holds | undefined;
  /** After about this time an application is asked to reconnect. */
  connectionAgeMs: number;
}

const MAX_CONNECTIONS = 1_000;
/** Below the limit of the process, so that flooding connections cannot make plain requests fail as busy. */
const MAX_UNDER_WAY = 1_600;
const MAX_OF_ONE_CONNECTION = 1_000;
const TICK_MS = 250;
const KEEP_ALIVE_MS = 15_000;
const SWITCHING = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${FRAMES.protocol}\r\n`;

/** Commands over connections that stay open, many at once: the fast path of docs/wire-protocol.md. */
export function createFastPath({ keys, serve, metrics, holds: ofReplica, connectionAgeMs }: FastPathOptions): FastPath {
  const connections = new Set<Connection>();
  let isClosing = false;
  /** An equal share for each connection, so that none can starve the others. */
  const maxUnderWay = () => Math.min(MAX_OF_ONE_CONNECTION, Math.ceil(MAX_UNDER_WAY / connections.size));
  const timer = setInterval(() => {
    for (const connection of connections) connection.tick();
  }, TICK_MS).unref();

  /** Runs before a frame is read: nothing is parsed for a caller without a key. */
  async function refusalOrKey(checkKey: () => Promise<KeyCheck>): Promise<Refusal | (KeyCheck & { ok: true })> {
    let check: KeyCheck;
    try {
      check = await checkKey();
    } catch {
      return unavailable("the database did not answer");
    }
    if (!check.ok) return { ok: false, status: ERROR_STATUS[check.error.type], error: check.error };
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
        const { status, error } = check;
        answerRaw(socket, { route: "fast-path", status, error }, metrics.answered);
        return;
      }
      // It closed meanwhile: a connection object for it would never end.
      if (socket.destroyed) return;
      if (socket instanceof Socket) socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
      const extension = ofReplica ? extensionOf(request) : undefined;
      const extended = extension !== undefined ? `${EXTENSIONS_HEADER}: ${extension}\r\n` : "";
      metrics.answered("fast-path", 101);
      socket.write(`${SWITCHING}${extended}\r\n`);
      const holds = extension === undefined ? undefined : ofReplica;
      // Randomised, so that the connections of a deployment do not all reconnect at once.
      const ageMs = connectionAgeMs * (0.5 + Math.random());
      const connection = createConnection({
        ...{ socket, head, key: check, checkKey, serve, metrics, holds, ageMs, maxUnderWay },
        grants: extension === FRAMES.holds,
      });
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

/** The header is a list, as every one that may come more than once. */
function extensionOf({ headers }: IncomingMessage): string | undefined {
  const asked = String(headers[EXTENSIONS_HEADER] ?? "")
    .split(",")
    .map((extension) => extension.trim());
  return [FRAMES.holds, FRAMES.watch].find((known) => asked.includes(known));
}

interface Refusal {
  ok: false;
  status: number;
  error: CommandError;
}

function unavailable(details: string): Refusal {
  return { ok: false, status: 503, error: { type: "UnexpectedError", details } };
}
