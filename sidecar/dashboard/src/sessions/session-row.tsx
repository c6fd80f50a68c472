import { Checkbox, Group, Stack, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import type { SessionSummary } from "../../../src/dashboard/contract/sessions.ts";
import { BoundMark } from "../parts/bound-mark.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { UserName } from "../parts/user-name.tsx";
import { EndBadge } from "./end-badge.tsx";
import { END_WORDING } from "./end-reasons.ts";
import { FlagBadges } from "./flag-badges.tsx";
import classes from "./session-table.module.css";
import { TagList } from "./tag-list.tsx";
import type { Selection } from "./use-selection.ts";

interface SessionRowProps {
  session: SessionSummary;
  /** Undefined: rows cannot be selected. */
  selection?: Selection | undefined;
}

export function SessionRow({ session, selection }: SessionRowProps) {
  const { sessionId, userId, device, isBound, endReason, endedAt, lastActivityAt, createdAt, tags, flags } = session;
  const address = session.lastIpAddress ?? session.ipAddress;
  return (
    <Table.Tr className={classes.row}>
      <Table.Td className={classes.user}>
        <div className={classes.name}>
          {selection && endedAt === null && (
            <Checkbox
              size="xs"
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
        <Text size="xs" c="dimmed" className={classes.narrow}>
          {device.displayName}
          {address && ` · ${address}`} · <Timestamp time={createdAt} isRelative />
        </Text>
      </Table.Td>
      <Table.Td>
        <Stack gap={2} align="flex-start">
          <Group gap="0 0.375rem">
            <EndBadge endReason={endReason} isSuspicious={flags.length > 0} />
            <FlagBadges flags={flags} />
            <Text size="xs" c="dimmed" component="span" className={classes.when}>
              <Timestamp time={endedAt ?? lastActivityAt} isRelative />
            </Text>
          </Group>
          <Text size="xs" c="dimmed" className={classes.why}>
            {endReason ? END_WORDING[endReason].sentence : "In use."}
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td className={classes.wide}>
        <Group gap={6} wrap="nowrap">
          {device.displayName}
          {isBound && <BoundMark />}
        </Group>
      </Table.Td>
      <Table.Td className={classes.wide}>
        <span className="mono">{address ?? "none"}</span>
      </Table.Td>
      <Table.Td className={classes.wide}>
        <Timestamp time={createdAt} isRelative />
      </Table.Td>
      <Table.Td className={classes.wide}>
        <TagList tags={tags} />
      </Table.Td>
    </Table.Tr>
  );
}
