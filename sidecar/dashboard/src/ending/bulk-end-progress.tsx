import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { BulkEnd } from "../../../src/dashboard/contract/bulk-ends.ts";
import { useMay } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { askAgain, SHOW_SESSIONS } from "../api/query-client.ts";
import { useAnswer } from "../api/use-answer.ts";
import { countOf } from "../format/count.ts";
import { FormError } from "../parts/form-error.tsx";

const REFRESH_MS = 1_000;

interface BulkEndProgressProps {
  started: BulkEnd;
  onFinished: (ended: number) => void;
}

/** How far an end of many sessions is. The sidecar goes on when this is closed. */
export function BulkEndProgress({ started, onFinished }: BulkEndProgressProps) {
  const { id, target, startedBy } = started;
  const may = useMay();
  const queries = useQueryClient();
  const answer = useAnswer("sessions/end-progress", { id }, { everyMs: REFRESH_MS });
  const stop = useAction("sessions/stop-ending", { changes: SHOW_SESSIONS });
  const { ended, expected, finishedAt } = answer.data ?? started;
  const report = useRef(onFinished);
  report.current = onFinished;

  useEffect(() => {
    if (finishedAt === null) return;
    askAgain(queries, SHOW_SESSIONS);
    report.current(ended);
  }, [finishedAt, ended, queries]);

  return (
    <Stack gap="xs">
      <Text size="sm" role="status">
        {startedBy} ends the sessions of {target}: {countOf(ended, "session")} of{" "}
        {countOf(expected.count, "session", expected.isCapped)} ended so far. It goes on if you close this page.
      </Text>
      {/* Of a lower bound there is no share. */}
      {!expected.isCapped && (
        <Progress
          value={expected.count === 0 ? 100 : Math.min(100, (100 * ended) / expected.count)}
          aria-label={`Progress of the end of ${target}`}
        />
      )}
      <FormError error={stop.error} />
      {may("sessions/stop-ending") && (
        <Group justify="flex-end">
          <Button size="xs" variant="default" loading={stop.isPending} onClick={() => stop.mutate({ id })}>
            Stop
          </Button>
        </Group>
      )}
    </Stack>
  );
}
