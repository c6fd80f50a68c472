import { UnusableFrame } from "./frame-reader.ts";
import { DIGEST_CHARS } from "./protocol.ts";

export interface AnswerFrame {
  /** An HTTP status. 0 in a frame about the connection itself. */
  status: number;
  /** The digest of the answered command. */
  digest: string;
  json: string;
}

/** @throws UnusableFrame when the payload is too short to be an answer. */
export function readAnswer(payload: Buffer): AnswerFrame {
  const digestEnd = 2 + DIGEST_CHARS;
  if (payload.length < digestEnd) throw new UnusableFrame("expected a status and a digest");
  return {
    status: payload.readUInt16BE(0),
    digest: payload.toString("latin1", 2, digestEnd),
    json: payload.toString("utf8", digestEnd),
  };
}
