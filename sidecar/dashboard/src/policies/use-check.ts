import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { post } from "../api/call.ts";

const PAUSE_MS = 300;

/** Checks whether a policy is valid, in pauses of typing. */
export function useCheck(text: string) {
  const [settled] = useDebouncedValue(text, PAUSE_MS);
  return useQuery({
    queryKey: ["policies/check", settled],
    queryFn: ({ signal }) => post("policies/check", { text: settled }, signal),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
}
