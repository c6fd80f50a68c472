import { Text } from "@mantine/core";
import type { SeenAddress } from "../../../src/dashboard/contract/sessions.ts";
import { TextLink } from "../parts/text-link.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { sessionsPath } from "../sessions/filters.ts";
import classes from "./session-facts.module.css";

/** The session's addresses; each links to the other sessions at that address. */
export function SeenAddresses({ addresses }: { addresses: SeenAddress[] }) {
  if (addresses.length === 0) return "Not passed by the app";
  return (
    <ul className={classes.plain}>
      {addresses.map(({ ipAddress, lastSeenAt }) => (
        <li key={ipAddress}>
          <span className="mono">
            <TextLink to={sessionsPath({ ip: ipAddress })}>{ipAddress}</TextLink>
          </span>{" "}
          <Text span size="xs" c="dimmed">
            <Timestamp time={lastSeenAt} isRelative />
          </Text>
        </li>
      ))}
    </ul>
  );
}
