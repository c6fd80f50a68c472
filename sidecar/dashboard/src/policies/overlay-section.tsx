import { Text } from "@mantine/core";
import type { CurrentPolicies } from "../../../src/dashboard/contract/policies.ts";
import { Section } from "../parts/section.tsx";
import { ChangeTable } from "./change-table.tsx";

/** What was edited here, over what the file says. */
export function OverlaySection({ current }: { current: CurrentPolicies }) {
  if (current.overlay.length === 0) return null;
  return (
    <Section title="Edited here, over the file">
      <Text size="sm" c="dimmed" mb="xs">
        These settings differ from the configuration file. Download the file to take them over into it.
      </Text>
      <ChangeTable changes={current.overlay} beforeName="In the file" afterName="In force" />
    </Section>
  );
}
