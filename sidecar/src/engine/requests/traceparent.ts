/** The trace that a caller says a request belongs to (W3C Trace Context, section 3.2). */
export interface Traceparent {
  /** 32 hexadecimal characters. */
  readonly traceId: string;
  /** 16 hexadecimal characters. */
  readonly spanId: string;
  /** The flags as a number; the lowest bit says that the caller records the trace. */
  readonly traceFlags: number;
}

/** Version 00 has exactly this form; a later version may have more behind it. */
const FORM = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const MAX_CHARS = 512;

/** Reads the header, or the member of a frame. Undefined for anything else: no part of it is used then. */
export function readTraceparent(value: unknown): Traceparent | undefined {
  if (typeof value !== "string" || value.length > MAX_CHARS) return undefined;
  const [, version, traceId, spanId, flags, more] = FORM.exec(value) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === "00" && more !== undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}
