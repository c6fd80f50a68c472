import {
  commandDigest,
  createFrameBatch,
  createFrameReader,
  FRAMES,
  readAnswer,
  UnusableFrame,
} from "@byo-session/core/frames";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

interface Received {
  id: number;
  payload: string;
}

function readerOf(maxBytes = 1000) {
  const received: Received[] = [];
  const reader = createFrameReader(maxBytes, (id, payload) => received.push({ id, payload: payload.toString() }));
  return { reader, received };
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    // A separate buffer, like each read from a socket.
    chunks.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  return chunks;
}

describe("frames", () => {
  test("come out as they went in, however the stream is cut", () => {
    const texts = fc.array(fc.string({ unit: "binary", maxLength: 60 }), { minLength: 1, maxLength: 12 });
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(texts, sizes, (commands, chunkSizes) => {
        const batch = createFrameBatch();
        for (const [index, json] of commands.entries()) batch.addCommand(index + 1, json);
        const { reader, received } = readerOf();
        for (const chunk of cut(batch.take(), chunkSizes)) reader.push(chunk);
        expect(received).toEqual(
          commands.map((json, index) => ({ id: index + 1, payload: Buffer.from(json).toString() })),
        );
        expect(reader.isWithinFrame).toBe(false);
        expect(batch.isEmpty).toBe(true);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  test("of answers carry the status and the digest", () => {
    const batch = createFrameBatch();
    const digest = commandDigest("{}");
    batch.addAnswer(7, 401, digest, '{"type":"ü"}');
    batch.addNotice("goodbye", { reason: "age" });
    const answers: unknown[] = [];
    const reader = createFrameReader(1000, (id, payload) => answers.push({ id, ...readAnswer(payload) }));
    reader.push(batch.take());
    expect(answers).toEqual([
      { id: 7, status: 401, digest, json: '{"type":"ü"}' },
      { id: FRAMES.controlId, status: 0, digest: "-".repeat(16), json: '{"reason":"age"}' },
    ]);
  });

  test.each([
    ["1 GB", 2 ** 30],
    ["4 GB", 2 ** 32 - 1],
    ["one byte too many", 4 + 1000 + 1],
    ["less than its own id", 3],
    ["nothing", 0],
  ])("that claim %s are refused by their first four bytes", (_name, length) => {
    const { reader } = readerOf(1000);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(length);
    reader.push(head.subarray(0, 3));
    expect(reader.isWithinFrame).toBe(true);
    expect(() => reader.push(head.subarray(3))).toThrow(UnusableFrame);
  });

  test("that are too short to be an answer are refused", () => {
    expect(() => readAnswer(Buffer.alloc(17))).toThrow(UnusableFrame);
  });

  test("a digest differs when a character of the token does", () => {
    expect(commandDigest("a")).not.toBe(commandDigest("b"));
    expect(commandDigest("ü")).toBe(commandDigest(Buffer.from("ü")));
    expect(commandDigest("a")).toHaveLength(16);
  });
});
