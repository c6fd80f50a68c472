import type { Socket } from "node:net";
import {
  type ConnectionRequest,
  commandDigest,
  createFrameBatch,
  createFrameReader,
  FRAMES,
  NOTICES,
  readAnswer,
  UnusableFrame,
} from "../../frames/index.ts";
import type { Sending, SidecarAnswer } from "../carrier.ts";
import { type ConnectionHolds, VouchedConnection } from "../holds/vouched-connection.ts";
import { createLastHeard } from "../last-heard.ts";
import { createPendingCommands } from "./pending.ts";

/** One fast-path connection: commands are sent together and answered in any order. */
export interface Connection {
  /** False once it accepts no more commands. Pending ones are still answered. */
  readonly isOpen: boolean;
  /** How long nothing has been heard from the other end. */
  readonly unheardMs: number | undefined;
  send(body: string, timeoutMs: number, sending?: Pick<Sending, "silence">): Promise<SidecarAnswer>;
  /** Accepts no more commands, and closes after the last answer. */
  retire(): void;
  readonly ended: Promise<void>;
}

export interface ConnectionOptions {
  socket: Socket;
  /** The bytes that arrived after the answer to the handshake. */
  head: Buffer;
  /** Undefined: nothing that comes over this connection may be held. */
  holds?: ConnectionHolds | undefined;
  /** Called once, when the connection accepts no more commands. */
  onRetired: () => void;
  /** Receives a log line if the other end has broken the protocol. */
  onViolation: (problem: string) => void;
}

/** More than a whole listing with maximum metadata; a frame that claims more is not an answer. */
const MAX_ANSWER_BYTES = 64 * 2 ** 20;
/** The backlog for a sidecar that does not keep up; beyond it, calls fail at once. */
const MAX_UNDER_WAY = 20_000;
const MAX_UNSENT_BYTES = 8 * 2 ** 20;
/** A sidecar answers everything within 5 seconds: this many unanswered commands mean a broken connection. */
const MAX_LATE = 1000;
const END_TIMEOUT_MS = 1000;

export function createConnection({ socket, head, holds, onRetired, onViolation }: ConnectionOptions): Connection {
  const batch = createFrameBatch();
  const pending = createPendingCommands(gaveUp, isSilent);
  const reader = createFrameReader(MAX_ANSWER_BYTES, receive);
  const ended = Promise.withResolvers<void>();
  let lastId = 0;
  let lastReadAtMs = performance.now();
  const heard = createLastHeard();
  const vouched = holds && new VouchedConnection(holds, request);
  let isRetired = false;
  let fault: Error | undefined;

  heard.now();
  socket.on("data", take);
  socket.on("drain", flush);
  socket.on("error", (error) => {
    fault ??= error;
  });
  socket.on("close", () => {
    retire();
    // One fault for all of them: a broken connection counts as one failure, however many commands were on it.
    pending.rejectAll(fault ?? new Error("the sidecar closed the connection"));
    ended.resolve();
  });
  socket.unref();
  if (head.length > 0) take(head);

  function take(chunk: Buffer): void {
    lastReadAtMs = performance.now();
    heard.now();
    try {
      reader.push(chunk);
    } catch (error) {
      if (!(error instanceof UnusableFrame)) throw error;
      onViolation(error.message);
      socket.destroy(error);
    }
  }

  function receive(id: number, payload: Buffer): void {
    const { status, digest, json } = readAnswer(payload);
    if (id === FRAMES.controlId) {
      takeNotice(status, json);
      return;
    }
    const command = pending.get(id);
    if (!command) throw new UnusableFrame("an answer came to a command that was not sent");
    if (!command.isLate && digest !== commandDigest(command.body)) {
      throw new UnusableFrame("an answer came that belongs to another command");
    }
    pending.delete(id);
    const provenance = vouched?.provenance(payload.length);
    command.resolve({ status, body: json, provenance });
    settle();
  }

  function takeNotice(notice: number, json: string): void {
    // The sidecar is about to end the connection. It answers all that it gets until this end is silent.
    if (!vouched || notice === NOTICES.goodbye) retire();
    else vouched.take(notice, json);
  }

  function request(asked: ConnectionRequest): void {
    if (isRetired || !socket.writable) return;
    if (batch.isEmpty) process.nextTick(flush);
    batch.addRequest(asked);
  }

  function gaveUp(sentAtMs: number): void {
    // Nothing has arrived since: the other end is gone silently, or so busy that another one may be faster.
    if (lastReadAtMs < sentAtMs || pending.late > MAX_LATE) retire();
    settle();
  }

  /**
   * Whether nothing has arrived since. If so, the next commands use another connection; pending ones may still be
   * answered.
   */
  function isSilent(sentAtMs: number): boolean {
    if (lastReadAtMs >= sentAtMs) return false;
    retire();
    return true;
  }

  function flush(): void {
    if (batch.isEmpty || socket.writableNeedDrain || !socket.writable) return;
    socket.write(batch.take());
  }

  function retire(): void {
    if (isRetired) return;
    isRetired = true;
    vouched?.end();
    onRetired();
    settle();
  }

  function settle(): void {
    if (pending.underWay > 0) return;
    if (!isRetired) {
      socket.unref();
      return;
    }
    if (socket.writableEnded) return;
    // Until it is closed, but no longer than the time below, because a caller may wait for that.
    socket.ref();
    socket.end();
    setTimeout(() => socket.destroy(), END_TIMEOUT_MS).unref();
  }

  return {
    get isOpen() {
      return !isRetired && socket.writable;
    },
    get unheardMs() {
      return heard.agoMs;
    },
    send(body, timeoutMs, { silence } = {}) {
      if (pending.underWay >= MAX_UNDER_WAY || batch.bytes >= MAX_UNSENT_BYTES) {
        return Promise.reject(new Error("too many commands are already waiting for the sidecar"));
      }
      if (pending.underWay === 0) socket.ref();
      // Everything sent in this turn goes out in one write.
      if (batch.isEmpty) process.nextTick(flush);
      const id = ++lastId;
      const answer = pending.add(id, body, timeoutMs, silence);
      batch.addCommand(id, body);
      if (id === FRAMES.lastId) retire();
      return answer;
    },
    retire,
    ended: ended.promise,
  };
}
