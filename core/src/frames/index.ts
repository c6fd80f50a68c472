/** The framing of the fast path, which core and the sidecar share; an application does not import it. */
export { type AnswerFrame, readAnswer } from "./answer.ts";
export { createElapsedClock } from "./elapsed-clock.ts";
export { createFrameBatch, type FrameBatch } from "./frame-batch.ts";
export { createFrameReader, type FrameReader, UnusableFrame } from "./frame-reader.ts";
export {
  ALL_SESSIONS,
  type ConnectionRequest,
  MAX_ID_CHARS,
  NOTICES,
  type Notice,
  readConnectionRequest,
  readNotice,
} from "./notices.ts";
export { commandDigest, EXTENSIONS_HEADER, FRAMES } from "./protocol.ts";
