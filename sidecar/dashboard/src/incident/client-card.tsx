import { Badge, Group, Text } from "@mantine/core";
import type { IncidentClient } from "../../../src/dashboard/contract/incidents.ts";
import { TextLink } from "../parts/text-link.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { incidentPath } from "../sessions/filters.ts";
import { EVIDENCE_WORDS, ROLE_WORDS } from "./evidence-words.ts";
import classes from "./incident.module.css";

/** Who used a session, who that probably is, and why. The address leads to everything it touched. */
export function ClientCard({ client }: { client: IncidentClient }) {
  const { ipAddress, device, lastSeenAt, role, evidence } = client;
  return (
    <li className={classes.client} data-role={role}>
      <Group gap="xs" mb={2}>
        <Badge variant="light" color={ROLE_WORDS[role].color} tt="none" radius="sm">
          {ROLE_WORDS[role].name}
        </Badge>
        <Text span size="xs" c="dimmed">
          <Timestamp time={lastSeenAt} isRelative />
        </Text>
      </Group>
      <Text size="sm">
        {device.displayName}
        {ipAddress !== null && (
          <>
            {" at "}
            <TextLink to={incidentPath({ ip: ipAddress })}>{ipAddress}</TextLink>
          </>
        )}
      </Text>
      <ul className={classes.evidence}>
        {evidence.map(({ kind, count }) => (
          <li key={kind}>{EVIDENCE_WORDS[kind](count)}</li>
        ))}
      </ul>
    </li>
  );
}
