import { localTime, relativeTime } from "../format/time.ts";
import { useNow } from "./use-now.ts";

interface TimestampProps {
  /** Unix seconds, as in the API. */
  time: number;
  /** Shows "3 hours ago" and moves the date to the tooltip. */
  isRelative?: boolean;
}

/** A time in the reader's time zone; `ExactTimes` shows the exact time in UTC. */
export function Timestamp({ time, isRelative = false }: TimestampProps) {
  const nowMs = useNow();
  const date = new Date(time * 1000);
  const shown = isRelative ? relativeTime(date, nowMs) : localTime(date);
  return (
    <time dateTime={date.toISOString()} data-relative={isRelative}>
      {shown}
    </time>
  );
}
