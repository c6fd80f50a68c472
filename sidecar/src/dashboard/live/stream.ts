import { PassThrough } from "node:stream";
import type { LiveMessages } from "../contract/live.ts";

/** How soon a browser connects again. */
const RETRY_MS = 3_000;
/** What a reader that has stopped reading may leave unread. */
const MAX_UNREAD_BYTES = 256 * 1024;

/** One open page, as server-sent events. */
export interface LiveStream {
  readonly readable: PassThrough;
  send<Name extends keyof LiveMessages>(name: Name, data: LiveMessages[Name]): void;
  /** A comment, so that proxies and browsers see that the connection lives. */
  keepAlive(): void;
  close(): void;
}

export function createLiveStream(): LiveStream {
  const readable = new PassThrough();
  function write(text: string): void {
    if (readable.writableEnded || readable.destroyed) return;
    if (readable.writableLength > MAX_UNREAD_BYTES) readable.destroy();
    else readable.write(text);
  }
  write(`retry: ${RETRY_MS}\n\n`);
  return {
    readable,
    send: (name, data) => write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`),
    keepAlive: () => write(":\n\n"),
    close: () => readable.end(),
  };
}
