import { Paper } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useAnswer } from "../api/use-answer.ts";
import { countOf } from "../format/count.ts";
import { BulkEndProgress } from "./bulk-end-progress.tsx";

const REFRESH_MS = 30_000;

/** The ends of many sessions that are running, also those that somebody else has started. */
export function RunningEnds() {
  const { data } = useAnswer("sessions/ends", {}, { everyMs: REFRESH_MS });
  const running = data?.items.filter(({ finishedAt }) => finishedAt === null) ?? [];
  return running.map((end) => (
    <Paper key={end.id} component="section" aria-label={`End of ${end.target}`} withBorder p="sm">
      <BulkEndProgress
        started={end}
        onFinished={(ended) =>
          notifications.show({ color: "teal", message: `Ended ${countOf(ended, "session")} of ${end.target}.` })
        }
      />
    </Paper>
  ));
}
