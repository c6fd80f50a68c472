import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { get } from "./call.ts";
import type { AnswerOf, InputOf, NameOf } from "./calls.ts";

interface AnswerOptions<Input> {
  /** How often to ask again while the page is in view. Default: only when it comes back into view. */
  everyMs?: number;
  /** Default: true. */
  enabled?: boolean;
  /**
   * Whether the answer for an earlier input may stay in view until the new one arrives: only if it is about the same thing.
   * Default: never, because a person would take old rows for the new ones.
   */
  keepFor?: (earlier: Input) => boolean;
}

/** The answer to a GET call, cached and refreshed. */
export function useAnswer<C extends NameOf<"GET">>(
  name: C,
  input: InputOf<C>,
  { everyMs, enabled = true, keepFor }: AnswerOptions<InputOf<C>> = {},
): UseQueryResult<AnswerOf<C>> {
  return useQuery<AnswerOf<C>, Error, AnswerOf<C>, readonly [C, InputOf<C>]>({
    queryKey: [name, input],
    queryFn: ({ signal }) => get(name, input, signal),
    enabled,
    ...(everyMs !== undefined && { refetchInterval: everyMs }),
    ...(keepFor && {
      placeholderData: (earlier, query) => (query && keepFor(query.queryKey[1]) ? earlier : undefined),
    }),
  });
}
