import { Text } from "@mantine/core";
import type { SessionFilter } from "../api/calls.ts";
import { useAnswer } from "../api/use-answer.ts";
import { countOf } from "../format/count.ts";

const REFRESH_MS = 15_000;

export function SessionCount({ filter }: { filter: SessionFilter }) {
  const { data } = useAnswer("sessions/count", filter, { everyMs: REFRESH_MS, keepPrevious: true });
  return (
    <Text size="sm" c="dimmed" role="status">
      {data ? countOf(data.count, "session", data.isCapped) : "Counting…"}
    </Text>
  );
}
