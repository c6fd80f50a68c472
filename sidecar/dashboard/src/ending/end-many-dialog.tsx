import { Modal, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BulkEnd } from "../../../src/dashboard/contract/bulk-ends.ts";
import { useAction } from "../access/use-action.ts";
import { post } from "../api/call.ts";
import type { ManySessions } from "../api/calls.ts";
import { SHOW_SESSIONS } from "../api/query-client.ts";
import { countOf } from "../format/count.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { UserName } from "../parts/user-name.tsx";
import { BulkEndProgress } from "./bulk-end-progress.tsx";
import { NoteInput } from "./note-input.tsx";
import { TypedConfirmation } from "./typed-confirmation.tsx";

interface EndManyDialogProps {
  target: ManySessions;
  title: string;
  opened: boolean;
  onClose: () => void;
  onEnded?: (() => void) | undefined;
}

export function EndManyDialog({ target, title, opened, onClose, onEnded }: EndManyDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <EndMany target={target} onClose={onClose} onEnded={onEnded} />
    </Modal>
  );
}

/** Asks for the number, starts the end, and shows how far it is. */
function EndMany({ target, onClose, onEnded }: Pick<EndManyDialogProps, "target" | "onClose" | "onEnded">) {
  const [started, setStarted] = useState<BulkEnd>();

  function finished(ended: number) {
    notifications.show({ color: "teal", message: `Ended ${countOf(ended, "session")}.` });
    onEnded?.();
    onClose();
  }

  if (started) return <BulkEndProgress started={started} onFinished={finished} />;
  return (
    <Confirmation
      target={target}
      onCancel={onClose}
      onStarted={(end) => (end.finishedAt === null ? setStarted(end) : finished(end.ended))}
    />
  );
}

interface ConfirmationProps {
  target: ManySessions;
  onCancel: () => void;
  onStarted: (end: BulkEnd) => void;
}

function Confirmation({ target, onCancel, onStarted }: ConfirmationProps) {
  const [note, setNote] = useState("");
  const isOfIncident = target.incident !== undefined;
  const count = useQuery({
    queryKey: ["sessions/end-count", target],
    queryFn: ({ signal }) => post("sessions/end-count", { target }, signal),
    // A person reads the number: it must not change under the cursor, nor be one of before.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const end = useAction("sessions/end-many", { changes: SHOW_SESSIONS, onSuccess: onStarted });
  return (
    <AnswerView answer={count}>
      {(counted) =>
        counted.count === 0 ? (
          <Text size="sm">There are no active sessions to end.</Text>
        ) : (
          <TypedConfirmation
            expected={counted.isCapped ? `more than ${counted.count}` : String(counted.count)}
            verb={`End ${countOf(counted.count, "session", counted.isCapped)}`}
            isPending={end.isPending}
            error={end.error}
            onCancel={onCancel}
            onConfirm={() =>
              end.mutate(
                { target, confirmed: counted, ...(note.trim() && { note: note.trim() }) },
                { onError: () => void count.refetch() },
              )
            }
          >
            <Text size="sm">
              This ends <strong>{countOf(counted.count, "active session", counted.isCapped)}</strong>
              {target.filter?.userId !== undefined && (
                <>
                  {" of "}
                  <UserName id={target.filter.userId} />
                </>
              )}
              . Everyone who uses one is logged out within a second
              {isOfIncident && ", the owner as well as the intruder"}.
              {isOfIncident && " Other sessions of the same users go on."}
              {isWholeUser(target) && " An employee who acts as this user stops, too."} This cannot be undone.
            </Text>
            <NoteInput value={note} onChange={setNote} isRequired={isOfIncident} />
          </TypedConfirmation>
        )
      }
    </AnswerView>
  );
}

function isWholeUser({ filter }: ManySessions): boolean {
  return filter?.userId !== undefined && Object.keys(filter).length === 1;
}
