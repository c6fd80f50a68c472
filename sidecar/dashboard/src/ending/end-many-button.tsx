import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMay } from "../access/use-access.ts";
import type { ManySessions, SessionFilter } from "../api/calls.ts";
import { EndManyDialog } from "./end-many-dialog.tsx";

/** Ends all active sessions that match a filter. */
export function EndManyButton({ target }: { target: SessionFilter }) {
  const { state: _, ...filter } = target;
  return <EndButton target={{ filter }} title={titleOf(filter)} />;
}

/** Ends the sessions that were selected. */
export function EndSelectedButton({ sessionIds, onEnded }: { sessionIds: string[]; onEnded: () => void }) {
  return <EndButton target={{ sessionIds }} title="End the selected sessions" onEnded={onEnded} />;
}

function EndButton({ target, title, onEnded }: { target: ManySessions; title: string; onEnded?: () => void }) {
  const may = useMay();
  const [opened, { open, close }] = useDisclosure(false);
  if (!may("sessions/end-many")) return null;
  return (
    <>
      <Button color="red" variant="light" size="xs" onClick={open}>
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
