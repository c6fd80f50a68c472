import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { CommandError } from "@byo-session/core/contract";
import type { AnswerRoute, CountAnswer } from "./requests/answers.ts";

export interface RawAnswer {
  route: AnswerRoute;
  status: number;
  error: CommandError;
}

/** Answers on a connection without an HTTP response object, in the usual form of errors, and closes it. */
export function answerRaw(socket: Duplex, { route, status, error }: RawAnswer, countAnswer: CountAnswer): void {
  countAnswer(route, socket.writable ? status : "unsent");
  if (socket.writable) {
    const body = JSON.stringify(error);
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nCache-Control: no-store`;
    const type = "Content-Type: application/json; charset=utf-8";
    socket.write(`${head}\r\n${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }
  socket.destroy();
}
