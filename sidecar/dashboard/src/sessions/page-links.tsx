import { Button, Group } from "@mantine/core";
import { Link } from "react-router";
import type { InputOf, SessionFilter } from "../api/calls.ts";
import { sessionsPath } from "./filters.ts";

interface PageLinksProps {
  filter: SessionFilter;
  isFirst: boolean;
  next: string | null;
}

/** Links to older sessions, page by page; the browser's back button returns. */
export function PageLinks({ filter, isFirst, next }: PageLinksProps) {
  if (isFirst && next === null) return null;
  const older: InputOf<"sessions/list"> = { ...filter, ...(next !== null && { cursor: next }) };
  return (
    <Group component="nav" aria-label="Pages of the list" justify="space-between">
      {isFirst ? (
        <span />
      ) : (
        <Button component={Link} to={sessionsPath(filter)} variant="default" size="xs">
          Newest sessions
        </Button>
      )}
      {next !== null && (
        <Button component={Link} to={sessionsPath(older)} variant="default" size="xs">
          Older sessions
        </Button>
      )}
    </Group>
  );
}
