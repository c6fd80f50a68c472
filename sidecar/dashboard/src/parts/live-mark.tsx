import { Text, Tooltip } from "@mantine/core";
import classes from "./live-mark.module.css";

interface LiveMarkProps {
  everyMs: number;
  /** Whether the last refresh failed. */
  isStale: boolean;
}

/** Shows that a page refreshes itself, or that the refresh failed. */
export function LiveMark({ everyMs, isStale }: LiveMarkProps) {
  const label = `Refreshed every ${everyMs / 1000} seconds while the page is in view`;
  return (
    <Tooltip label={label} events={{ hover: true, focus: true, touch: true }}>
      <Text span size="xs" c="dimmed" className={classes.mark} data-stale={isStale || undefined} role="status">
        {isStale ? "Could not be refreshed; it may be out of date." : "Live"}
      </Text>
    </Tooltip>
  );
}
