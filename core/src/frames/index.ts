/** The framing of the fast path, which core and the sidecar share; an application does not import it. */
export { type AnswerFrame, readAnswer } from "./answer.ts";
export { createFrameBatch, type FrameBatch } from "./frame-batch.ts";
export { createFrameReader, type FrameReader, UnusableFrame } from "./frame-reader.ts";
export { commandDigest, FRAMES } from "./protocol.ts";
