import type { RequestListener } from "node:http";
import type { CountAnswer } from "./answers.ts";
import { routeOf } from "./answers.ts";
import { CurrentRequest, during } from "./request.ts";
import { readTraceparent } from "./traceparent.ts";

/** Gives each request its id, which the answer and the lines of the log have, and counts the answer. */
export function receive(handler: RequestListener, countAnswer: CountAnswer): RequestListener {
  return (message, response) => {
    const request = new CurrentRequest(readTraceparent(message.headers.traceparent));
    response.setHeader("x-request-id", request.id);
    response.once("close", () => {
      request.isAnswered = true;
      countAnswer(routeOf(message.url), response.writableFinished ? response.statusCode : "unsent");
    });
    during(request, () => handler(message, response));
  };
}
