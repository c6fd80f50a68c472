import type { AnswerOf, InputOf } from "../../../src/dashboard/contract/api.ts";
import { API_PREFIX, BACKGROUND_HEADER, CALLS, type CallName } from "../../../src/dashboard/contract/calls.ts";
import type { DashboardError } from "../../../src/dashboard/contract/errors.ts";
import { callUrl } from "../../../src/dashboard/contract/query.ts";
import { ApiError } from "./api-error.ts";
import { takePersonActed } from "./person.ts";

/** Makes a call. Throws an `ApiError` with the server's error, or what `fetch` throws if there was no answer. */
export async function call<C extends CallName>(name: C, input: InputOf<C>, signal?: AbortSignal): Promise<AnswerOf<C>> {
  const background: Record<string, string> = takePersonActed() ? {} : { [BACKGROUND_HEADER]: "1" };
  const response =
    CALLS[name].method === "GET"
      ? await fetch(callUrl(name, input), { headers: background, signal })
      : await fetch(`${API_PREFIX}/${name}`, {
          method: "POST",
          headers: { "content-type": "application/json", ...background },
          body: JSON.stringify(input),
          signal,
        });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as AnswerOf<C>;
  throw new ApiError(
    isError(answer) ? answer : { type: "Unexpected", message: `The server answered ${response.status}.` },
  );
}

function isError(answer: unknown): answer is DashboardError {
  return typeof answer === "object" && answer !== null && "type" in answer && "message" in answer;
}
