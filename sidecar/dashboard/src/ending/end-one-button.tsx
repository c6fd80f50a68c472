import { Button, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMay } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { SHOW_SESSIONS } from "../api/query-client.ts";
import { UserName } from "../parts/user-name.tsx";
import { TypedConfirmation } from "./typed-confirmation.tsx";

interface EndOneButtonProps {
  sessionId: string;
  userId: string;
  /** The button goes when the session has ended; a dialog that is open stays and says so. */
  hasEnded: boolean;
}

export function EndOneButton({ sessionId, userId, hasEnded }: EndOneButtonProps) {
  const may = useMay();
  const [opened, { open, close }] = useDisclosure(false);
  const end = useAction("sessions/end-one", {
    changes: SHOW_SESSIONS,
    onSuccess: () => {
      notifications.show({ color: "teal", message: "The session has ended." });
      close();
    },
  });
  if (!may("sessions/end-one")) return null;
  return (
    <>
      {!hasEnded && (
        <Button color="red" variant="light" size="xs" onClick={open}>
          End this session…
        </Button>
      )}
      <Modal opened={opened} onClose={close} title="End this session">
        <TypedConfirmation
          expected="end"
          verb="End 1 session"
          isPending={end.isPending}
          error={end.error}
          overtaken={hasEnded && !end.isSuccess ? "The session has ended in the meantime." : undefined}
          onCancel={close}
          onConfirm={() => end.mutate({ sessionId })}
        >
          <Text size="sm">
            This ends <strong>1 session</strong> of <UserName id={userId} />: its browser is logged out within a second.
            This cannot be undone.
          </Text>
        </TypedConfirmation>
      </Modal>
    </>
  );
}
