import { BACKGROUND_HEADER, callUrl } from "../../../src/dashboard/contract/addresses.ts";
import type { DashboardError } from "../../../src/dashboard/contract/errors.ts";
import { ApiError } from "./api-error.ts";
import type { AnswerOf, InputOf, NameOf } from "./calls.ts";
import { keepEarly, takeEarly } from "./early-answers.ts";
import { takePersonActed } from "./person.ts";

/** The address of a GET call, for links. */
export function hrefOf<C extends NameOf<"GET">>(name: C, input: InputOf<C>): string {
  return callUrl(name, input);
}

/** Makes a GET call. Throws an `ApiError` with the server's error, or what `fetch` throws if there was no answer. */
export async function get<C extends NameOf<"GET">>(
  name: C,
  input: InputOf<C>,
  signal?: AbortSignal,
): Promise<AnswerOf<C>> {
  const url = hrefOf(name, input);
  return answerOf((await takeEarly(url)) ?? (await send(url, { signal })));
}

/** Sends a GET call whose answer will soon be asked for by `get`, before there is any code to show it. */
export function askEarly(url: string): void {
  keepEarly(url, send(url, {}));
}

/** Makes a POST call, as `get` does. */
export async function post<C extends NameOf<"POST">>(
  name: C,
  input: InputOf<C>,
  signal?: AbortSignal,
): Promise<AnswerOf<C>> {
  const headers = { "content-type": "application/json" };
  return answerOf(await send(callUrl(name), { method: "POST", headers, body: JSON.stringify(input), signal }));
}

function send(url: string, init: RequestInit): Promise<Response> {
  const headers = takePersonActed() ? init.headers : { ...init.headers, [BACKGROUND_HEADER]: "1" };
  return fetch(url, { ...init, headers });
}

async function answerOf<T>(response: Response): Promise<T> {
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as T;
  throw new ApiError(
    isError(answer) ? answer : { type: "Unexpected", message: `The server answered ${response.status}.` },
  );
}

function isError(answer: unknown): answer is DashboardError {
  return typeof answer === "object" && answer !== null && "type" in answer && "message" in answer;
}
