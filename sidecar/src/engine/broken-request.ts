import type { Duplex } from "node:stream";
import { answerRaw } from "./raw-answer.ts";
import type { CountAnswer } from "./requests/answers.ts";

/**
 * Answers bytes that never became a request (not HTTP, or a head that is too long or does not end) and closes the
 * connection, because the end of the broken part is unknown.
 */
export function answerBrokenRequests(countAnswer: CountAnswer) {
  return ({ code }: { code?: string }, socket: Duplex): void => {
    if (code === "ECONNRESET") {
      socket.destroy();
      return;
    }
    const [status, details] = ANSWERS[code ?? ""] ?? [400, "malformed request"];
    answerRaw(socket, { route: "broken", status, error: { type: "UnexpectedError", details } }, countAnswer);
  };
}

const ANSWERS: Record<string, [status: number, details: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request did not arrive in time"],
  HPE_HEADER_OVERFLOW: [431, "expected at most 16 KiB of headers"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "expected shorter chunk extensions"],
};
