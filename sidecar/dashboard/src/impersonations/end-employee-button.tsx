import { Button, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMay } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { TypedConfirmation } from "../ending/typed-confirmation.tsx";
import { countOf } from "../format/count.ts";

/** Ends everything that an employee does as users. */
export function EndEmployeeButton({ employeeEmail }: { employeeEmail: string }) {
  const may = useMay();
  const [opened, { open, close }] = useDisclosure(false);
  const end = useAction("impersonations/end-all", {
    changes: ["impersonations", "sessions"],
    onSuccess: ({ ended }) => {
      notifications.show({ color: "teal", message: `Ended ${countOf(ended, "impersonation")}.` });
      close();
    },
  });
  if (!may("impersonations/end-all")) return null;
  return (
    <>
      <Button color="red" variant="light" size="xs" onClick={open}>
        End all of this employee…
      </Button>
      <Modal opened={opened} onClose={close} title="End all impersonations by this employee">
        <TypedConfirmation
          expected={employeeEmail}
          verb="End all impersonations"
          isPending={end.isPending}
          error={end.error}
          onCancel={close}
          onConfirm={() => end.mutate({ employeeEmail, confirmation: employeeEmail })}
        >
          <Text size="sm">
            From the next request on, the employee cannot act as any user. To stop new ones, remove the address from
            user_impersonation.jsonc.
          </Text>
        </TypedConfirmation>
      </Modal>
    </>
  );
}
