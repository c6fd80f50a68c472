import type { TimelineEvent } from "../../../src/dashboard/contract/sessions.ts";
import { sentenceOf } from "../../../src/dashboard/sentences/sentence.ts";
import { localTime } from "../format/time.ts";
import { weightOf } from "../timeline/event-weight.ts";
import classes from "./lanes.module.css";

interface LaneTrackProps {
  /** When the session lived; `to` is null while it does. */
  life?: { from: number; to: number | null };
  events: TimelineEvent[];
  /** The time that the width stands for. */
  from: number;
  to: number;
  /** What a screen reader says; the timeline below has each event. */
  label: string;
}

const HEIGHT_PX = 28;
const MARK_PX = 5;

/** A session's life as a bar, and its events as dots on it. */
export function LaneTrack({ life, events, from, to, label }: LaneTrackProps) {
  const at = (time: number) => (100 * (Math.min(to, Math.max(from, time)) - from)) / (to - from);
  const nowSecs = Math.min(to, Date.now() / 1000);
  return (
    <svg className={classes.track} height={HEIGHT_PX} role="img" aria-label={label}>
      <line x1="0" x2="100%" y1={HEIGHT_PX / 2} y2={HEIGHT_PX / 2} className={classes.line} />
      {life && (
        <rect
          x={`${at(life.from)}%`}
          width={`${Math.max(0.3, at(life.to ?? nowSecs) - at(life.from))}%`}
          y={HEIGHT_PX / 2 - 4}
          height={8}
          rx={3}
          className={classes.life}
          data-active={life.to === null}
        />
      )}
      {events.toReversed().map((event) => (
        <circle
          key={event.id}
          cx={`${at(event.time)}%`}
          cy={HEIGHT_PX / 2}
          r={MARK_PX}
          className={classes.mark}
          data-weight={weightOf(event.event)}
        >
          <title>{`${localTime(new Date(event.time * 1000))}: ${sentenceOf(event)}`}</title>
        </circle>
      ))}
    </svg>
  );
}
