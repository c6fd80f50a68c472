import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { AnswerOf, InputOf } from "../../../src/dashboard/contract/api.ts";
import type { CallName } from "../../../src/dashboard/contract/calls.ts";
import { call } from "./call.ts";

interface AnswerOptions {
  /** How often to ask again while the page is in view. Default: only when it comes back into view. */
  everyMs?: number;
  /** Default: true. */
  enabled?: boolean;
  /** Shows the last answer until the one for a changed input arrives. Default: false. */
  keepPrevious?: boolean;
}

/** The answer to a call, cached and refreshed. */
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
