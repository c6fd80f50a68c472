import { Alert, Stack, Text, Title } from "@mantine/core";
import type { BoundedEffect, PolicyPreview } from "../../../src/dashboard/contract/policies.ts";
import { countOf } from "../format/count.ts";
import { nameOfLayer, nameOfSetting } from "./catalogue.ts";
import { ChangeTable } from "./change-table.tsx";

/** What an edit or a roll-back does to living sessions and to the settings. */
export function Effects({ preview }: { preview: PolicyPreview }) {
  const { changes, loosens, ends, refuses } = preview;
  return (
    <>
      <Stack gap={4}>
        <Title order={3} size="h6">
          Effect on active sessions
        </Title>
        <Text
          size="sm"
          fw={ends.count > 0 ? 650 : undefined}
          c={ends.count > 0 ? "var(--mantine-color-error)" : undefined}
        >
          {effect(ends)} would end immediately.
        </Text>
        {refuses.count > 0 && <Text size="sm">{effect(refuses)} would be refused at their last address.</Text>}
      </Stack>
      {changes.length > 0 ? <ChangeTable changes={changes} /> : <Text size="sm">No settings change.</Text>}
      {loosens.length > 0 && (
        <Alert color="yellow" variant="light" title="This loosens the policy">
          An admin must save it and confirm the password:{" "}
          {loosens.map(({ layer, setting }) => namedIn(layer, setting)).join(", ")}.
        </Alert>
      )}
    </>
  );
}

function namedIn(layer: string, setting: string): string {
  return layer === "" ? nameOfSetting(setting) : `${nameOfSetting(setting)} (${nameOfLayer(layer)})`;
}

function effect({ count, lookedAt, isComplete }: BoundedEffect): string {
  const sessions = countOf(count, "session");
  return isComplete ? sessions : `At least ${sessions} (of the ${lookedAt} checked)`;
}
