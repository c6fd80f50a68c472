import type { Readable } from "node:stream";
import type { Caller, KnownCaller } from "./caller.ts";
import type { AnswerOf, InputOf } from "./contract/api.ts";
import type { CALLS, CallName } from "./contract/calls.ts";

/** A file instead of an answer in JSON. */
export interface FileDownload {
  filename: string;
  contentType: string;
  content: Readable | string;
}

/** Calls that need no login. */
export type OpenCall = { [C in CallName]: (typeof CALLS)[C]["access"] extends "anyone" ? C : never }[CallName];
export type KnownCall = Exclude<CallName, OpenCall>;

type OpenHandler<C extends CallName> = (input: InputOf<C>, caller: Caller) => Promise<AnswerOf<C>>;
type KnownHandler<C extends CallName> = (input: InputOf<C>, caller: KnownCaller) => Promise<AnswerOf<C> | FileDownload>;

export type OpenHandlers = { [C in OpenCall]: OpenHandler<C> };
export type KnownHandlers = { [C in KnownCall]: KnownHandler<C> };

type NamesOf<Part extends string> = Extract<CallName, `${Part}/${string}`>;

/** Answers the calls of one part, such as `sessions/…`. Login, role and input have been checked before. */
export type Handlers<Part extends string> = Pick<OpenHandlers & KnownHandlers, NamesOf<Part>>;
