import { Writable } from "node:stream";

export type LogLine = Record<string, unknown>;

export type LogCollector = ReturnType<typeof createLogCollector>;

/** Collects what a sidecar writes to its log, which is one JSON object per line. */
export function createLogCollector() {
  let text = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return {
    stream,
    /** Everything written so far. */
    text: () => text,
    /** The lines so far, parsed; a line that is no JSON object has its text under `text`. */
    lines: () => text.split("\n").filter(Boolean).map(parseLine),
  };
}

function parseLine(line: string): LogLine {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : { text: line };
  } catch {
    return { text: line };
  }
}
