import { Button, Modal, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useAction } from "../access/use-action.ts";
import { TypedConfirmation } from "../ending/typed-confirmation.tsx";
import { countOf } from "../format/count.ts";

interface EndSelectedProps {
  sessionIds: string[];
  /** What the incident is about, for the log. */
  about: string;
}

/** Ends the selected sessions, with a note. */
export function EndSelected({ sessionIds, about }: EndSelectedProps) {
  const [opened, { open, close }] = useDisclosure(false);
  const [note, setNote] = useState("");
  const end = useAction("incidents/end", {
    changes: ["incidents", "sessions", "overview"],
    onSuccess: ({ ended }) => {
      notifications.show({ color: "teal", message: `Ended ${countOf(ended, "session")}.` });
      setNote("");
      close();
    },
  });
  const selected = countOf(sessionIds.length, "selected session");
  return (
    <>
      <Button color="red" variant="light" size="xs" onClick={open} disabled={sessionIds.length === 0}>
        {`End ${selected}…`}
      </Button>
      <Modal opened={opened} onClose={close} title="End the selected sessions">
        <TypedConfirmation
          expected="end"
          verb={`End ${countOf(sessionIds.length, "session")}`}
          isPending={end.isPending}
          error={end.error}
          onCancel={close}
          onConfirm={() => end.mutate({ sessionIds, about, note: note.trim() })}
        >
          <Text size="sm">
            This ends <strong>{selected}</strong>. Their browsers are logged out within a second, the owner&apos;s as
            well as the intruder&apos;s; other sessions of the same users go on. This cannot be undone.
          </Text>
          <TextInput
            label="Note for the log"
            value={note}
            onChange={({ currentTarget }) => setNote(currentTarget.value)}
            maxLength={500}
            autoComplete="off"
            required
          />
        </TypedConfirmation>
      </Modal>
    </>
  );
}
