import type { InputOf } from "../../../src/dashboard/calls.ts";

/** The server's calls, as types alone: none of its code is in the page. */
export type { AnswerOf, CallName, InputOf, NameOf } from "../../../src/dashboard/calls.ts";

export type SessionFilter = InputOf<"sessions/count">;
/** The sessions that were selected, in an incident perhaps, or all active ones that match a filter. */
export type ManySessions =
  | { sessionIds: string[]; incident?: string; filter?: undefined }
  | { filter: SessionFilter; sessionIds?: undefined; incident?: undefined };
export type LogFilter = Omit<InputOf<"log/list">, "cursor">;
