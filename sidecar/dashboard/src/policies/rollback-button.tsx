import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { CurrentPolicies } from "../../../src/dashboard/contract/policies.ts";
import { useMay } from "../access/use-access.ts";
import { RollbackReview } from "./rollback-review.tsx";

export function RollbackButton({ revision, current }: { revision: number; current: CurrentPolicies }) {
  const may = useMay();
  const [opened, { open, close }] = useDisclosure(false);
  if (!current.edits || !may("policies/rollback") || revision === current.revision) return null;
  const target = revision === 0 ? "the file alone" : `revision ${revision}`;
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>
        Roll back to {revision === 0 ? "the file" : "this"}…
      </Button>
      <Modal opened={opened} onClose={close} title={`Roll back to ${target}`} size="lg">
        <RollbackReview revision={revision} target={target} current={current} onClose={close} />
      </Modal>
    </>
  );
}
