import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMay } from "../access/use-access.ts";
import type { ManySessions, SessionFilter } from "../api/calls.ts";
import { countOf } from "../format/count.ts";
import { EndManyDialog } from "./end-many-dialog.tsx";

/** Ends all active sessions that match a filter. */
export function EndManyButton({ target }: { target: SessionFilter }) {
  const { state: _, ...filter } = target;
  return <EndButton target={{ filter }} title={titleOf(filter)} />;
}

interface EndSelectedButtonProps {
  sessionIds: string[];
  /** What the incident is about, if they were selected in one. */
  incident?: string;
  onEnded?: () => void;
}

/** Ends the sessions that were selected. */
export function EndSelectedButton({ sessionIds, incident, onEnded }: EndSelectedButtonProps) {
  const target = { sessionIds, ...(incident !== undefined && { incident }) };
  return (
    <EndButton target={target} title={`End ${countOf(sessionIds.length, "selected session")}`} onEnded={onEnded} />
  );
}

interface EndButtonProps {
  target: ManySessions;
  title: string;
  onEnded?: (() => void) | undefined;
}

function EndButton({ target, title, onEnded }: EndButtonProps) {
  const may = useMay();
  const [opened, { open, close }] = useDisclosure(false);
  if (!may("sessions/end-many")) return null;
  return (
    <>
      <Button color="red" variant="light" size="xs" onClick={open} disabled={target.sessionIds?.length === 0}>
        {title}…
      </Button>
      <EndManyDialog target={target} title={title} opened={opened} onClose={close} onEnded={onEnded} />
    </>
  );
}

function titleOf({ userId, tag = [], ...narrower }: SessionFilter): string {
  if (Object.keys(narrower).length > 0 || tag.length > 1 || (userId !== undefined && tag.length > 0)) {
    return "End all sessions that match";
  }
  if (userId !== undefined) return "End all sessions of this user";
  return tag.length === 1 ? "End all sessions with this tag" : "End all active sessions";
}
