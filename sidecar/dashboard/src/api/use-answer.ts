import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { AnswerOf, InputOf } from "../../../src/dashboard/contract/api.ts";
import type { CallName } from "../../../src/dashboard/contract/calls.ts";
import { call } from "./call.ts";

interface AnswerOptions {
  /** Asks again so often while the page is in view. Default: only when the page comes back into view. */
  everyMs?: number;
  /** Default: true. */
  enabled?: boolean;
  /** Shows the last answer until the one to a changed question is there. Default: false. */
  keepPrevious?: boolean;
}

/** The answer to a call, kept and refreshed. */
export function useAnswer<C extends CallName>(
  name: C,
  input: InputOf<C>,
  { everyMs, enabled = true, keepPrevious = false }: AnswerOptions = {},
): UseQueryResult<AnswerOf<C>> {
  return useQuery<AnswerOf<C>>({
    queryKey: [name, input],
    queryFn: ({ signal }) => call(name, input, signal),
    enabled,
    ...(everyMs !== undefined && { refetchInterval: everyMs }),
    ...(keepPrevious && { placeholderData: keepPreviousData }),
  });
}
