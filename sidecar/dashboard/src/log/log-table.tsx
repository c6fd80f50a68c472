import type { TimelineEvent } from "../../../src/dashboard/contract/sessions.ts";
import classes from "./log.module.css";
import { LogEntry } from "./log-entry.tsx";

export function LogTable({ events }: { events: TimelineEvent[] }) {
  return (
    <ol className={classes.list} aria-label="Log, newest first">
      {events.map((event) => (
        <LogEntry key={event.id} event={event} />
      ))}
    </ol>
  );
}
