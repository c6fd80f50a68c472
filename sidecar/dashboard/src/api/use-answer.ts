import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { get } from "./call.ts";
import type { AnswerOf, InputOf, NameOf } from "./calls.ts";

interface AnswerOptions {
  /** How often to ask again while the page is in view. Default: only when it comes back into view. */
  everyMs?: number;
  /** Default: true. */
  enabled?: boolean;
  /** Shows the last answer until the one for a changed input arrives. Default: false. */
  keepPrevious?: boolean;
}

/** The answer to a GET call, cached and refreshed. */
export function useAnswer<C extends NameOf<"GET">>(
  name: C,
  input: InputOf<C>,
  { everyMs, enabled = true, keepPrevious = false }: AnswerOptions = {},
): UseQueryResult<AnswerOf<C>> {
  return useQuery<AnswerOf<C>>({
    queryKey: [name, input],
    queryFn: ({ signal }) => get(name, input, signal),
    enabled,
    ...(everyMs !== undefined && { refetchInterval: everyMs }),
    ...(keepPrevious && { placeholderData: keepPreviousData }),
  });
}
