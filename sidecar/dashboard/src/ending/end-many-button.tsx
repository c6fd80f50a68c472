import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMay } from "../access/use-access.ts";
import type { ManySessions } from "../api/calls.ts";
import { EndManyDialog } from "./end-many-dialog.tsx";

/** Ends all sessions of a user, or all with a tag. */
export function EndManyButton({ target }: { target: ManySessions }) {
  const may = useMay();
  const [opened, { open, close }] = useDisclosure(false);
  if (!may("sessions/end-many")) return null;
  return (
    <>
      <Button color="red" variant="light" size="xs" onClick={open}>
        {target.userId === undefined ? "End all sessions with this tag…" : "End all sessions of this user…"}
      </Button>
      <EndManyDialog target={target} opened={opened} onClose={close} />
    </>
  );
}
