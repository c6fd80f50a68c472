import { Text } from "@mantine/core";
import type { SessionFilter } from "../api/calls.ts";
import { useAnswer } from "../api/use-answer.ts";
import { countOf } from "../format/count.ts";

/** Besides what live events ask for. */
const REFRESH_MS = 60_000;

interface SessionCountProps {
  filter: SessionFilter;
  /** How many there are, if the list has all of them. */
  all: number | undefined;
}

export function SessionCount({ filter, all }: SessionCountProps) {
  const { data } = useAnswer("sessions/count", filter, { everyMs: REFRESH_MS, enabled: all === undefined });
  const counted = all === undefined ? data : { count: all, isCapped: false };
  return (
    <Text size="sm" c="dimmed" role="status">
      {counted ? countOf(counted.count, "session", counted.isCapped) : "Counting…"}
    </Text>
  );
}
