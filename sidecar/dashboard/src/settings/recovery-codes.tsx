import { Button, Group, Stack, Text } from "@mantine/core";
import { useAccess } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { countOf } from "../format/count.ts";
import { FormError } from "../parts/form-error.tsx";

/** How many recovery codes are left, with a button for new ones. */
export function RecoveryCodes({ onMade }: { onMade: (codes: string[]) => void }) {
  const { recoveryCodesLeft } = useAccess().me;
  const make = useAction("access/make-recovery-codes", {
    changes: ["access"],
    onSuccess: ({ codes }) => onMade(codes),
  });
  return (
    <Stack gap="xs">
      <Text size="sm">
        {countOf(recoveryCodesLeft, "recovery code")} left. Each replaces a code from the app once, if you lose the
        device.
      </Text>
      <FormError error={make.error} />
      <Group>
        <Button size="xs" variant="default" onClick={() => make.mutate({})} loading={make.isPending}>
          Make new recovery codes
        </Button>
      </Group>
    </Stack>
  );
}
