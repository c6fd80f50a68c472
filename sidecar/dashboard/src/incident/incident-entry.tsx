import { Checkbox, Paper, Text } from "@mantine/core";
import type { IncidentSession } from "../../../src/dashboard/contract/incidents.ts";
import { TextLink } from "../parts/text-link.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { UserName } from "../parts/user-name.tsx";
import { EndBadge } from "../sessions/end-badge.tsx";
import { FlagBadges } from "../sessions/flag-badges.tsx";
import { ClientCard } from "./client-card.tsx";
import classes from "./incident.module.css";

interface IncidentEntryProps {
  session: IncidentSession;
  isSelected: boolean;
  /** Undefined: nothing can be selected, because the person may not end sessions. */
  onSelect: ((isSelected: boolean) => void) | undefined;
}

/** One session of an incident, with everyone who used it. */
export function IncidentEntry({ session, isSelected, onSelect }: IncidentEntryProps) {
  const { sessionId, userId, endReason, endedAt, flags, createdAt, clients } = session;
  return (
    <Paper component="li" withBorder p="sm">
      <div className={classes.head}>
        {onSelect && endedAt === null && (
          <Checkbox
            checked={isSelected}
            onChange={({ currentTarget }) => onSelect(currentTarget.checked)}
            aria-label={`Select the session of ${userId} from ${sessionId.slice(0, 8)}`}
          />
        )}
        <TextLink to={`/sessions/${sessionId}`}>
          <UserName id={userId} />
        </TextLink>
        <EndBadge endReason={endReason} isSuspicious={flags.length > 0} />
        <FlagBadges flags={flags} />
        <Text span size="xs" c="dimmed">
          logged in <Timestamp time={createdAt} isRelative />
        </Text>
      </div>
      <ul className={classes.clients} aria-label={`Who used the session of ${userId}`}>
        {clients.map((client) => (
          <ClientCard key={`${client.ipAddress} ${client.device.browser} ${client.device.os}`} client={client} />
        ))}
      </ul>
    </Paper>
  );
}
