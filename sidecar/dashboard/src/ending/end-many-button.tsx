import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
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
  /** Whether there is a button; a dialog that is open stays. Default: true. */
  isOffered?: boolean;
  onEnded?: () => void;
}

/** Ends the sessions that were selected. */
export function EndSelectedButton({ sessionIds, incident, ...button }: EndSelectedButtonProps) {
  const target = { sessionIds, ...(incident !== undefined && { incident }) };
  return <EndButton {...button} target={target} title={`End ${countOf(sessionIds.length, "selected session")}`} />;
}

interface EndButtonProps {
  target: ManySessions;
  title: string;
  isOffered?: boolean;
  onEnded?: (() => void) | undefined;
}

function EndButton({ target, title, isOffered = true, onEnded }: EndButtonProps) {
  const may = useMay();
  const [opened, { open, close }] = useDisclosure(false);
  // What the dialog is about stays as it was when it was opened, whatever the list shows meanwhile.
  const [chosen, setChosen] = useState({ target, title });
  if (!may("sessions/end-many")) return null;
  return (
    <>
      {isOffered && (
        <Button
          color="red"
          variant="light"
          size="xs"
          disabled={target.sessionIds?.length === 0}
          onClick={() => {
            setChosen({ target, title });
            open();
          }}
        >
          {title}…
        </Button>
      )}
      <EndManyDialog {...chosen} opened={opened} onClose={close} onEnded={onEnded} />
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
