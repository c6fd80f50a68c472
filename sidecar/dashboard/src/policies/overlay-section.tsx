import { Text } from "@mantine/core";
import type { CurrentPolicies } from "../../../src/dashboard/contract/policies.ts";
import { Section } from "../parts/section.tsx";
import { ChangeTable } from "./change-table.tsx";

/** The settings that were changed here and differ from the file. */
export function OverlaySection({ current }: { current: CurrentPolicies }) {
  if (current.overlay.length === 0) return null;
  return (
    <Section title="Changed in the dashboard">
      <Text size="sm" c="dimmed" mb="xs">
        These settings differ from the configuration file. To move them into the file, download it.
      </Text>
      <ChangeTable changes={current.overlay} beforeName="In the file" afterName="In force" />
    </Section>
  );
}
