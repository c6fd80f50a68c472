import { Text } from "@mantine/core";
import type { SessionDetail } from "../../../src/dashboard/contract/sessions.ts";
import { Section } from "../parts/section.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { SettingsTable } from "../policies/settings-table.tsx";

/** The settings that apply to this session now; the page of policies shows where to change them. */
export function PolicyInForce({ session: { policy, tags } }: { session: SessionDetail }) {
  const query = tags.length > 0 ? `?tags=${encodeURIComponent(tags.join(" "))}` : "";
  const link = (
    <Text size="sm">
      <TextLink to={`/policies/explain${query}`}>Policies</TextLink>
    </Text>
  );
  return (
    <Section title="Policy in force" actions={link}>
      <SettingsTable settings={policy} />
    </Section>
  );
}
