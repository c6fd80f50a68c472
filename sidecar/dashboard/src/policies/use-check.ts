import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { call } from "../api/call.ts";

const PAUSE_MS = 300;

/** Whether a policy is valid, asked in the pauses of typing. */
export function useCheck(text: string) {
  const [settled] = useDebouncedValue(text, PAUSE_MS);
  return useQuery({
    queryKey: ["policies/check", settled],
    queryFn: ({ signal }) => call("policies/check", { text: settled }, signal),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
}
