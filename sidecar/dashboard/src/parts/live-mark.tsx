import { Text, Tooltip } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { isStale } from "../api/away.ts";
import classes from "./live-mark.module.css";

const WORDS = {
  stale: "Could not be refreshed; it may be out of date.",
  loading: "Loading…",
  live: "Live",
} as const;

interface LiveMarkProps {
  /** How often the page asks. */
  everyMs: number;
  /** Whether what happens appears by itself besides, within a few seconds. */
  isStreamed?: boolean;
  /** What refreshes itself. */
  of: Pick<UseQueryResult, "isPending" | "isPlaceholderData" | "error" | "failureReason">;
}

/** Shows that a page refreshes itself, or that it is still loading, or that the refresh failed. */
export function LiveMark({ everyMs, isStreamed = false, of }: LiveMarkProps) {
  const state = isStale(of) ? "stale" : of.isPending || of.isPlaceholderData ? "loading" : "live";
  const label = isStreamed
    ? "What happens appears within a few seconds while the page is in view"
    : `Refreshed every ${everyMs / 1000} seconds while the page is in view`;
  return (
    <Tooltip label={label} events={{ hover: true, focus: true, touch: true }}>
      <Text span size="xs" c="dimmed" className={classes.mark} data-state={state} role="status">
        {WORDS[state]}
      </Text>
    </Tooltip>
  );
}
