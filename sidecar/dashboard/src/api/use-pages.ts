import { type UseInfiniteQueryResult, useInfiniteQuery } from "@tanstack/react-query";

type Next = string | number | null;

interface Page<Item> {
  items: Item[];
  next: Next;
}

export interface Pages<Item> {
  items: Item[];
  /** How many pages they came in. */
  count: number;
}

interface PagesOptions {
  /** How often to ask again while only the newest page is shown: older pages do not change. Default: never. */
  everyMs?: number;
}

/** A list that is read page by page, newest first. `read` gets the `next` of the page before, null for the first one. */
export function usePages<Item>(
  key: readonly unknown[],
  read: (next: Next, signal: AbortSignal) => Promise<Page<Item>>,
  { everyMs }: PagesOptions = {},
): UseInfiniteQueryResult<Pages<Item>> {
  return useInfiniteQuery<Page<Item>, Error, Pages<Item>, readonly unknown[], Next>({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: null,
    getNextPageParam: ({ next }) => next,
    select: ({ pages }) => ({ items: pages.flatMap(({ items }) => items), count: pages.length }),
    ...(everyMs !== undefined && {
      refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : everyMs),
    }),
  });
}
