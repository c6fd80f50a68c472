import { type ConnectionRequest, NOTICES, type Notice } from "./notices.ts";
import { DIGEST_CHARS, FRAMES } from "./protocol.ts";

/** Collects frames, so that all of them are sent in one write. */
export interface FrameBatch {
  readonly isEmpty: boolean;
  /** The size of the collected frames on the wire. */
  readonly bytes: number;
  addCommand(id: number, json: string): void;
  addAnswer(id: number, status: number, digest: string, json: string): void;
  /** A frame about the connection itself, from the sidecar. */
  addNotice(notice: Notice, content: unknown): void;
  /** A frame about the connection itself, from the application. */
  addRequest(request: ConnectionRequest): void;
  /** Returns everything collected and starts again. */
  take(): Buffer;
}

interface Frame {
  id: number;
  /** Absent in a command. */
  status: number | undefined;
  digest: string;
  json: string;
  payloadBytes: number;
}

const HEADER_BYTES = 8;
const STATUS_BYTES = 2;
const NO_DIGEST = "-".repeat(DIGEST_CHARS);

/**
 * A command is `length, id, JSON`, an answer `length, id, status, digest, JSON`. Length and id are 32 bits, the status
 * 16, all big-endian; the length counts the bytes after it.
 */
export function createFrameBatch(): FrameBatch {
  let frames: Frame[] = [];
  let bytes = 0;

  function add(id: number, status: number | undefined, digest: string, json: string): void {
    const payloadBytes = Buffer.byteLength(json) + (status === undefined ? 0 : STATUS_BYTES + DIGEST_CHARS);
    bytes += HEADER_BYTES + payloadBytes;
    frames.push({ id, status, digest, json, payloadBytes });
  }

  return {
    get isEmpty() {
      return frames.length === 0;
    },
    get bytes() {
      return bytes;
    },
    addCommand: (id, json) => add(id, undefined, "", json),
    addAnswer: (id, status, digest, json) => add(id, status, digest, json),
    addNotice: (notice, content) => add(FRAMES.controlId, NOTICES[notice], NO_DIGEST, JSON.stringify(content)),
    addRequest: (request) => add(FRAMES.controlId, undefined, "", JSON.stringify(request)),
    take() {
      const out = Buffer.allocUnsafe(bytes);
      let at = 0;
      for (const { id, status, digest, json, payloadBytes } of frames) {
        at = out.writeUInt32BE(HEADER_BYTES - 4 + payloadBytes, at);
        at = out.writeUInt32BE(id, at);
        if (status !== undefined) {
          at = out.writeUInt16BE(status, at);
          at += out.write(digest, at, "latin1");
        }
        at += out.write(json, at, "utf8");
      }
      frames = [];
      bytes = 0;
      return out;
    },
  };
}
