import type { Readable } from "node:stream";

/** An answer that stays open: server-sent events instead of JSON. */
export interface EventStream {
  stream: Readable;
}
