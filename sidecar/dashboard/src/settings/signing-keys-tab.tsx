import { Alert, Badge, Stack, Table, Text } from "@mantine/core";
import { useAnswer } from "../api/use-answer.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { Section } from "../parts/section.tsx";
import { TableHead } from "../parts/table-head.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { TokenKeysSection } from "./token-keys-section.tsx";

/** The keys with which the sidecar signs. */
export function SigningKeysTab() {
  return (
    <Stack>
      <TokenKeysSection />
      <Section title="Device challenges">
        <ChallengeKeys />
      </Section>
    </Stack>
  );
}

function ChallengeKeys() {
  const keys = useAnswer("settings/signing-keys", {});
  return (
    <AnswerView answer={keys}>
      {({ items, encrypted }) => (
        <Stack gap="sm">
          {!encrypted && (
            <Alert variant="light" color="yellow" title="Keys are not encrypted in the database">
              Set ENCRYPTION_KEY, so that a copy of the database does not reveal them.
            </Alert>
          )}
          <Text size="sm" c="dimmed">
            These keys authenticate device challenges. The replicas create, replace and share them; there is nothing to
            do here.
          </Text>
          {items.length === 0 ? (
            <EmptyState title="No keys yet">The first device challenge creates the first key.</EmptyState>
          ) : (
            <Table maw="40rem">
              <TableHead names={["Key", "Created", "State"]} />
              <Table.Tbody>
                {items.map(({ id, createdAt, isCurrent }) => (
                  <Table.Tr key={id}>
                    <Table.Td>{id}</Table.Td>
                    <Table.Td>
                      <Timestamp time={createdAt} />
                    </Table.Td>
                    <Table.Td>
                      <Badge variant="light" color={isCurrent ? "teal" : "gray"} tt="none" radius="sm">
                        {isCurrent ? "Current" : "Valid until its challenges expire"}
                      </Badge>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </Stack>
      )}
    </AnswerView>
  );
}
