import { Text } from "@mantine/core";
import type { TemporaryPassword } from "../../../src/dashboard/contract/settings.ts";
import { ShownOnce } from "../parts/shown-once.tsx";
import { Timestamp } from "../parts/timestamp.tsx";

export function NewPasswordOf({ made, onDone }: { made: TemporaryPassword; onDone: () => void }) {
  return (
    <ShownOnce title={`The temporary password of ${made.username}`} value={made.password} onDone={onDone}>
      <Text size="sm">
        It works once, until <Timestamp time={made.temporaryUntil} />, to choose a new password.
      </Text>
    </ShownOnce>
  );
}
