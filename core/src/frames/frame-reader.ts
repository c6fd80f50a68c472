/** Bytes that are not a frame, or a frame that is too long: the bytes after them cannot be understood. */
export class UnusableFrame extends Error {
  override readonly name = "UnusableFrame";
}

export interface FrameReader {
  /** Takes the bytes that have arrived and passes on every complete frame. @throws UnusableFrame */
  push(chunk: Buffer): void;
  /** Whether a frame has started and is incomplete. */
  readonly isWithinFrame: boolean;
}

const LENGTH_BYTES = 4;
const ID_BYTES = 4;

/**
 * Splits a stream into frames. A length is checked when it is read, before any memory is reserved for it. A payload is
 * a view of the chunk, valid until the callback returns unless the whole chunk is kept.
 */
export function createFrameReader(
  maxPayloadBytes: number,
  onFrame: (id: number, payload: Buffer) => void,
): FrameReader {
  /** The frame that is being received, with space for all of it once its length is known. */
  let partial: Buffer | undefined;
  let received = 0;

  function frameBytes(length: number): number {
    if (length < ID_BYTES || length > ID_BYTES + maxPayloadBytes) {
      throw new UnusableFrame(`expected a frame of at most ${maxPayloadBytes} bytes`);
    }
    return LENGTH_BYTES + length;
  }

  function pass(bytes: Buffer, from: number, to: number): void {
    onFrame(bytes.readUInt32BE(from + LENGTH_BYTES), bytes.subarray(from + LENGTH_BYTES + ID_BYTES, to));
  }

  /** Returns how many bytes of the chunk belong to the incomplete frame. */
  function complete(chunk: Buffer): number {
    let used = 0;
    while (partial !== undefined && used < chunk.length) {
      const copied = chunk.copy(partial, received, used);
      used += copied;
      received += copied;
      if (received < partial.length) break;
      if (partial.length > LENGTH_BYTES) {
        const frame = partial;
        partial = undefined;
        pass(frame, 0, frame.length);
      } else {
        const whole = Buffer.allocUnsafe(frameBytes(partial.readUInt32BE(0)));
        partial.copy(whole);
        partial = whole;
      }
    }
    return used;
  }

  function begin(rest: Buffer): void {
    const isLengthKnown = rest.length >= LENGTH_BYTES;
    partial = Buffer.allocUnsafe(isLengthKnown ? frameBytes(rest.readUInt32BE(0)) : LENGTH_BYTES);
    received = rest.copy(partial);
  }

  return {
    push(chunk) {
      let at = complete(chunk);
      while (chunk.length - at >= LENGTH_BYTES) {
        const end = at + frameBytes(chunk.readUInt32BE(at));
        if (end > chunk.length) break;
        pass(chunk, at, end);
        at = end;
      }
      if (at < chunk.length) begin(chunk.subarray(at));
    },
    get isWithinFrame() {
      return partial !== undefined;
    },
  };
}
