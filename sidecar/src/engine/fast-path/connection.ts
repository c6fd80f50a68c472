import type { Duplex } from "node:stream";
import { type CommandError, ERROR_STATUS, LIMITS } from "@byo-session/core/contract";
import { commandDigest, createFrameBatch, createFrameReader, FRAMES, UnusableFrame } from "@byo-session/core/frames";
import type { ServeCommand, ServedAnswer } from "../commands/serve-command.ts";
import type { PendingGrant } from "../holds/grant.ts";
import type { Holds } from "../holds/holds.ts";
import type { AcceptedKey, KeyCheck } from "../keys/integration-keys.ts";
import { createHoldChannel } from "./hold-channel.ts";
import type { ConnectionEnd, FastPathMetrics } from "./metrics.ts";

export interface Connection {
  /** Checks timeouts. */
  tick(): void;
  /** Asks the other end to stop sending, answers what still arrives, and ends. */
  sayGoodbye(reason: "age" | "stopping"): void;
  readonly ended: Promise<void>;
}

export interface ConnectionOptions {
  socket: Duplex;
  /** Bytes that arrived after the request that opened the connection. */
  head: Buffer;
  key: AcceptedKey;
  /** Checks the key again; rejects if that is impossible now. */
  checkKey: () => Promise<KeyCheck>;
  serve: ServeCommand;
  metrics: FastPathMetrics;
  /** Undefined: the application asks for no pushes, or this replica has none. */
  holds: Holds | undefined;
  /** Whether answers may be held, or sessions only be watched. */
  grants: boolean;
  /** The age at which it is asked to reconnect, so that a balancer can move it. */
  ageMs: number;
  /** How many commands may run at once: no more are read until one is answered. */
  maxUnderWay: () => number;
}

/**
 * A write for this many answers lets the application start early; for fewer, the extra write costs more than it saves.
 */
const WORTH_A_WRITE = 16;
const MAX_UNREAD_BYTES = 64 * 2 ** 20;
/** The time limit for a whole frame to arrive, and for answers to be read. */
const PATIENCE_MS = 10_000;
const GOODBYE_MS = 5_000;
const CLOSING_MS = 1_000;
/** Together with the half second that keys are cached, this refuses a revoked key within a second. */
const KEY_SERVES_MS = 500;

/** Serves the commands of one connection: each as soon as it is read, with the answers of one tick in few writes. */
export function createConnection(options: ConnectionOptions): Connection {
  const { socket, checkKey, serve, metrics, grants, ageMs, maxUnderWay } = options;
  const batch = createFrameBatch();
  const reader = createFrameReader(LIMITS.bodyBytes, receive);
  const channel =
    options.holds &&
    createHoldChannel({
      holds: options.holds,
      notify(notice, content) {
        if (endReason) return;
        if (batch.isEmpty) setImmediate(flush);
        batch.addNotice(notice, content);
      },
      mayWatch: () => key.allows("FetchSessionById"),
      whenAllowed(callback) {
        if (isKeyFresh()) callback();
        else renewKey().then((refusal) => refusal ?? callback(), noAnswer);
      },
    });
  const openedAtMs = performance.now();
  const ended = Promise.withResolvers<void>();
  let key = options.key;
  let keyCheckedAtMs = openedAtMs;
  let lastId = 0;
  let underWay = 0;
  let unwritten = 0;
  let isPaused = false;
  let otherEndIsDone = false;
  let frameSinceMs: number | undefined;
  let unreadSinceMs: number | undefined;
  let goodbye: { reason: ConnectionEnd; atMs: number } | undefined;
  let endReason: ConnectionEnd | undefined;

  metrics.opened();
  socket.on("data", take);
  socket.on("drain", () => {
    unreadSinceMs = undefined;
    regulate();
  });
  socket.on("end", () => {
    otherEndIsDone = true;
    endWhenDone();
  });
  socket.on("error", () => {
    endReason ??= "broken";
  });
  socket.on("close", () => {
    channel?.end();
    metrics.ended(endReason ?? goodbye?.reason ?? (otherEndIsDone ? "peer" : "broken"));
    ended.resolve();
  });
  if (options.head.length > 0) take(options.head);

  function take(chunk: Buffer): void {
    const before = lastId;
    try {
      reader.push(chunk);
    } catch (error) {
      if (!(error instanceof UnusableFrame)) throw error;
      close("frame", error.message);
    }
    if (!reader.isWithinFrame) frameSinceMs = undefined;
    else if (frameSinceMs === undefined || lastId > before) frameSinceMs = performance.now();
  }

  function receive(id: number, payload: Buffer): void {
    if (endReason) return;
    if (id === FRAMES.controlId && channel) {
      channel.receive(payload);
      return;
    }
    if (id <= lastId) throw new UnusableFrame("expected ids that rise from 1, each used once");
    lastId = id;
    underWay++;
    metrics.command();
    void answer(id, payload);
    regulate();
  }

  async function answer(id: number, payload: Buffer): Promise<void> {
    const digest = commandDigest(payload);
    const grant = goodbye || !grants ? undefined : channel?.grant();
    const { status, body } = await (isKeyFresh() ? serve(payload, key, grant) : serveAfterCheck(payload, grant));
    underWay--;
    if (endReason) return metrics.answered("frame", "unsent");
    if (batch.isEmpty) setImmediate(flush);
    // In the same turn as the answer is added: what is heard from now on is told behind it.
    const holdMs = grant?.settle();
    metrics.answered("frame", status);
    batch.addAnswer(id, status, digest, JSON.stringify(holdMs === undefined ? body : { ...Object(body), holdMs }));
    if (++unwritten >= WORTH_A_WRITE) flush();
    regulate();
  }

  function isKeyFresh(): boolean {
    return performance.now() - keyCheckedAtMs < KEY_SERVES_MS;
  }

  async function serveAfterCheck(payload: Buffer, grant: PendingGrant | undefined): Promise<ServedAnswer> {
    try {
      const refusal = await renewKey();
      return refusal ? { status: ERROR_STATUS[refusal.type], body: refusal } : await serve(payload, key, grant);
    } catch {
      return { status: 503, body: { type: "UnexpectedError", details: "the database did not answer" } };
    }
  }

  /** Closes the connection if the key is no longer valid, after the answers of this tick. */
  async function renewKey(): Promise<CommandError | undefined> {
    const atMs = performance.now();
    const check = await checkKey();
    if (!check.ok) {
      setImmediate(close, "key", `the integration key is refused: ${check.error.type}`);
      return check.error;
    }
    key = check;
    keyCheckedAtMs = atMs;
    return undefined;
  }

  function flush(): void {
    if (batch.isEmpty || endReason) return;
    unwritten = 0;
    metrics.wrote();
    if (!socket.write(batch.take())) unreadSinceMs ??= performance.now();
    if (socket.writableLength > MAX_UNREAD_BYTES) close("unread", "the answers were not read in time");
    regulate();
    endWhenDone();
  }

  /** Reads only while the other end reads too, and only as many commands as may run. */
  function regulate(): void {
    if (endReason) return;
    const isFull = underWay >= maxUnderWay() || unreadSinceMs !== undefined;
    if (isFull === isPaused) return;
    isPaused = isFull;
    if (isFull) {
      socket.pause();
      return;
    }
    // This end paused the reading, so a missing frame is not the other end's fault.
    if (frameSinceMs !== undefined) frameSinceMs = performance.now();
    socket.resume();
  }

  function endWhenDone(): void {
    if (otherEndIsDone && underWay === 0 && batch.isEmpty) socket.end();
  }

  /** Ends the connection at once, with a reason if the other end still listens. */
  function close(reason: ConnectionEnd, explanation: string): void {
    if (endReason) return;
    endReason = reason;
    batch.addNotice("goodbye", { reason: explanation });
    socket.off("data", take);
    // Reads and drops what still arrives: unread data would reset the connection before the reason is read.
    socket.resume();
    if (reason === "unread") socket.destroy();
    else socket.end(batch.take());
    setTimeout(() => socket.destroy(), CLOSING_MS).unref();
  }

  function sayGoodbye(reason: "age" | "stopping"): void {
    if (goodbye || endReason) return;
    goodbye = { reason, atMs: performance.now() };
    if (batch.isEmpty) setImmediate(flush);
    batch.addNotice("goodbye", { reason });
  }

  function tick(): void {
    const nowMs = performance.now();
    const isOver = (sinceMs: number | undefined, limitMs: number) => sinceMs !== undefined && nowMs - sinceMs > limitMs;
    if (isOver(unreadSinceMs, PATIENCE_MS)) close("unread", "the answers were not read in time");
    else if (!isPaused && isOver(frameSinceMs, PATIENCE_MS)) close("incomplete", "a frame did not arrive in time");
    else if (goodbye && isOver(goodbye.atMs, GOODBYE_MS)) close(goodbye.reason, "the connection did not close in time");
    else if (isOver(openedAtMs, ageMs)) sayGoodbye("age");
    channel?.tick();
    renewKey().catch(noAnswer);
  }

  /** If the key cannot be checked now, the next command waits until it can. */
  function noAnswer(): void {}

  return { tick, sayGoodbye, ended: ended.promise };
}
