import type { Duplex } from "node:stream";
import type { CommandError } from "@byo-session/core/contract";

/**
 * Answers what never became a request (bytes that are no HTTP, a head that is too long or does not end) in the form of
 * every other error, and closes the connection: what follows on it cannot be told apart from the broken part.
 */
export function answerBrokenRequest({ code }: { code?: string }, socket: Duplex): void {
  if (socket.writable && code !== "ECONNRESET") {
    const [status, details] = ANSWERS[code ?? ""] ?? ["400 Bad Request", "malformed request"];
    const body = JSON.stringify({ type: "UnexpectedError", details } satisfies CommandError);
    const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8`;
    socket.write(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  }
  socket.destroy();
}

const ANSWERS: Record<string, [status: string, details: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "the request did not arrive in time"],
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "expected at most 16 KiB of headers"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ["413 Payload Too Large", "expected shorter chunk extensions"],
};
