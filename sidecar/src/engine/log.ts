import pino, { type DestinationStream, type Logger } from "pino";
import { errorForLog } from "./log-error.ts";
import { requestNames } from "./requests/request.ts";

/** The log: one JSON object a line, with its time, level and message, and the request that it belongs to. */
export function createLog(level: string, stream: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: errorForLog },
      mixin: requestNames,
    },
    stream,
  );
}
