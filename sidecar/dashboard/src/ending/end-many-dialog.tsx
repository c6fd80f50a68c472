import { Modal, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ManySessions } from "../api/calls.ts";
import { useAnswer } from "../api/use-answer.ts";
import { countOf } from "../format/count.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { NoteInput } from "./note-input.tsx";
import { TypedConfirmation } from "./typed-confirmation.tsx";
import { useEndMany } from "./use-end-many.ts";

interface EndManyDialogProps {
  target: ManySessions;
  opened: boolean;
  onClose: () => void;
}

export function EndManyDialog({ target, opened, onClose }: EndManyDialogProps) {
  const subject = target.userId ?? target.tag ?? "";
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={target.userId === undefined ? "End all sessions with this tag" : "End all sessions of this user"}
    >
      <CountedConfirmation target={target} subject={subject} onClose={onClose} />
    </Modal>
  );
}

interface CountedConfirmationProps {
  target: ManySessions;
  subject: string;
  onClose: () => void;
}

function CountedConfirmation({ target, subject, onClose }: CountedConfirmationProps) {
  const queries = useQueryClient();
  const [note, setNote] = useState("");
  const count = useAnswer("sessions/end-count", target);
  const { end, endedSoFar } = useEndMany((ended) => {
    void queries.invalidateQueries();
    notifications.show({ color: "teal", message: `Ended ${countOf(ended, "session")}.` });
    onClose();
  });
  return (
    <AnswerView answer={count}>
      {(counted) =>
        counted.count === 0 ? (
          <Text size="sm">There are no active sessions to end.</Text>
        ) : (
          <TypedConfirmation
            expected={subject}
            verb={`End ${countOf(counted.count, "session", counted.isCapped)}`}
            isPending={end.isPending}
            error={end.error}
            onCancel={onClose}
            onConfirm={() =>
              end.mutate({ ...target, confirmation: subject, ...(note.trim() && { note: note.trim() }) })
            }
          >
            <Text size="sm">
              This ends <strong>{countOf(counted.count, "active session", counted.isCapped)}</strong>, on every device.
              Everyone who uses one is logged out within a second.
              {target.userId !== undefined && " An employee who acts as this user stops, too."} This cannot be undone.
            </Text>
            <NoteInput value={note} onChange={setNote} />
            {end.isPending && endedSoFar > 0 && (
              <Text size="sm" role="status">
                {countOf(endedSoFar, "session")} ended so far…
              </Text>
            )}
          </TypedConfirmation>
        )
      }
    </AnswerView>
  );
}
