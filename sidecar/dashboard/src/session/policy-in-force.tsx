import { Text } from "@mantine/core";
import type { PolicyMoment, SessionDetail } from "../../../src/dashboard/contract/sessions.ts";
import { Section } from "../parts/section.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { SettingsTable } from "../policies/settings-table.tsx";

/** The settings that apply to this session, or that applied to it at its end; the page of policies shows where to change them. */
export function PolicyInForce({ session: { policy, policyOf, tags } }: { session: SessionDetail }) {
  const query = tags.length > 0 ? `?tags=${encodeURIComponent(tags.join(" "))}` : "";
  const link = (
    <Text size="sm">
      <TextLink to={`/policies/explain${query}`}>Policies</TextLink>
    </Text>
  );
  return (
    <Section title={policyOf.time === "end" ? "Policy at its end" : "Policy in force"} actions={link}>
      <Text size="sm" c="dimmed" mb="xs">
        {momentOf(policyOf)}
      </Text>
      <SettingsTable settings={policy} />
    </Section>
  );
}

function momentOf({ time, revision }: PolicyMoment): string {
  const of = revision === 0 ? "The file, without edits" : `Revision ${revision}`;
  if (time === "now") return `${of}, now.`;
  if (time === "end") return `${of}, when the session ended.`;
  return "The policy when the session ended is not known. This is the one in force now.";
}
