import type { InputOf } from "../../../src/dashboard/calls.ts";

/** The server's calls, as types alone: none of its code is in the page. */
export type { AnswerOf, CallName, InputOf, NameOf } from "../../../src/dashboard/calls.ts";

export type SessionFilter = InputOf<"sessions/count">;
/** All sessions of a user, or all with a tag. */
export type ManySessions = InputOf<"sessions/end-count">;
export type LogFilter = Omit<InputOf<"log/list">, "cursor">;
