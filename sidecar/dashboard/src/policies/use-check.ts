import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { PolicyCheck } from "../../../src/dashboard/contract/policies.ts";
import { post } from "../api/call.ts";

const PAUSE_MS = 300;

export interface Check {
  /** The last answer. */
  found: PolicyCheck | undefined;
  /** Whether it is about this text. Otherwise it is about an earlier one. */
  isOfThis: boolean;
}

/** Checks whether a policy is valid, in pauses of typing. */
export function useCheck(text: string): Check {
  const [settled] = useDebouncedValue(text, PAUSE_MS);
  const { data, isPlaceholderData } = useQuery({
    queryKey: ["policies/check", settled],
    queryFn: ({ signal }) => post("policies/check", { text: settled }, signal),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
  return { found: data, isOfThis: data !== undefined && !isPlaceholderData && settled === text };
}
