import { Link } from "react-router";
import type { SessionSummary } from "../../../src/dashboard/contract/sessions.ts";
import { BoundMark } from "../parts/bound-mark.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { UserName } from "../parts/user-name.tsx";
import { EndBadge } from "./end-badge.tsx";
import { END_WORDING } from "./end-reasons.ts";
import { FlagBadges } from "./flag-badges.tsx";
import classes from "./session-row.module.css";
import { TagList } from "./tag-list.tsx";
import type { Selection } from "./use-selection.ts";

interface SessionRowProps {
  session: SessionSummary;
  /** Undefined: rows cannot be selected. */
  selection?: Selection | undefined;
}

/** Plain markup: with the library's components, drawing a page of rows took longer than fetching it. */
export function SessionRow({ session, selection }: SessionRowProps) {
  const { sessionId, userId, device, isBound, endReason, endedAt, lastActivityAt, createdAt, tags, flags } = session;
  const address = session.lastIpAddress ?? session.ipAddress;
  return (
    <tr className={classes.row}>
      <td className={classes.user}>
        <div className={classes.name}>
          {selection && endedAt === null && (
            <input
              type="checkbox"
              className={classes.select}
              aria-label={`Select the session of ${userId}`}
              checked={selection.ids.has(sessionId)}
              onChange={() => selection.toggle(sessionId)}
            />
          )}
          <Link to={`/sessions/${sessionId}`} className={classes.link}>
            <UserName id={userId} />
          </Link>
        </div>
        <div className={`${classes.note} ${classes.narrow}`}>
          {device.displayName}
          {address && ` · ${address}`} · <Timestamp time={createdAt} isRelative />
        </div>
      </td>
      <td>
        <div className={classes.state}>
          <EndBadge endReason={endReason} isSuspicious={flags.length > 0} />
          <FlagBadges flags={flags} />
          <span className={`${classes.note} ${classes.when}`}>
            <Timestamp time={endedAt ?? lastActivityAt} isRelative />
          </span>
        </div>
        <div className={`${classes.note} ${classes.why}`}>
          {endReason ? END_WORDING[endReason].sentence : "In use."}
        </div>
      </td>
      <td className={classes.wide}>
        <div className={classes.device}>
          {device.displayName}
          {isBound && <BoundMark />}
        </div>
      </td>
      <td className={classes.wide}>
        <span className="mono">{address ?? "none"}</span>
      </td>
      <td className={classes.wide}>
        <Timestamp time={createdAt} isRelative />
      </td>
      <td className={classes.wide}>
        <TagList tags={tags} />
      </td>
    </tr>
  );
}
