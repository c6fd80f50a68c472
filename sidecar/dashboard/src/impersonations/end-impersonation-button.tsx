import { Button, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import type { ImpersonationSummary } from "../../../src/dashboard/contract/impersonations.ts";
import { useMay } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { TypedConfirmation } from "../ending/typed-confirmation.tsx";

/** The button goes when the impersonation has ended; a dialog that is open stays and says so. */
export function EndImpersonationButton({ impersonationId, employeeEmail, userId, endedAt }: ImpersonationSummary) {
  const may = useMay();
  const [opened, { open, close }] = useDisclosure(false);
  const end = useAction("impersonations/end-one", {
    changes: ["impersonations", "sessions"],
    onSuccess: () => {
      notifications.show({ color: "teal", message: "The impersonation has ended." });
      close();
    },
  });
  if (!may("impersonations/end-one")) return null;
  return (
    <>
      {endedAt === null && (
        <Button color="red" variant="light" size="xs" onClick={open} aria-label={`End ${employeeEmail} as ${userId}`}>
          End…
        </Button>
      )}
      <Modal opened={opened} onClose={close} title="End this impersonation">
        <TypedConfirmation
          expected="end"
          verb="End 1 impersonation"
          isPending={end.isPending}
          error={end.error}
          overtaken={endedAt !== null && !end.isSuccess ? "The impersonation has ended in the meantime." : undefined}
          onCancel={close}
          onConfirm={() => end.mutate({ impersonationId })}
        >
          <Text size="sm">
            {employeeEmail} can no longer act as {userId}, from the next request on. While the configuration allows it,
            the employee can start again.
          </Text>
        </TypedConfirmation>
      </Modal>
    </>
  );
}
