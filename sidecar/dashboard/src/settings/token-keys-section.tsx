import { Badge, Group, Stack, Table, Text } from "@mantine/core";
import type { TokenKeyList } from "../../../src/dashboard/contract/settings.ts";
import { useAnswer } from "../api/use-answer.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ScrollBox } from "../parts/scroll-box.tsx";
import { Section } from "../parts/section.tsx";
import { TableHead } from "../parts/table-head.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { RotateTokenKeyButton } from "./rotate-token-key-button.tsx";

/** The keys that sign stateless tokens, and their rotation. */
export function TokenKeysSection() {
  const keys = useAnswer("settings/token-keys", {});
  return (
    <Section title="Stateless tokens">
      <AnswerView answer={keys}>
        {({ items, canBeCreated }) => (
          <Stack gap="sm">
            <Text size="sm" c="dimmed">
              These keys sign stateless tokens. Other services verify the tokens with the public keys, which are
              published under /.well-known/jwks.json.
            </Text>
            {items.length === 0 ? (
              <EmptyState title="No keys yet">
                {canBeCreated
                  ? "The first stateless token creates the first key."
                  : "Set ENCRYPTION_KEY: signing keys are never stored unencrypted."}
              </EmptyState>
            ) : (
              <TokenKeyTable keys={items} />
            )}
            {canBeCreated && (
              <Group gap="xs">
                <RotateTokenKeyButton kind="scheduled" />
                <RotateTokenKeyButton kind="emergency" />
              </Group>
            )}
          </Stack>
        )}
      </AnswerView>
    </Section>
  );
}

function TokenKeyTable({ keys }: { keys: TokenKeyList["items"] }) {
  return (
    <ScrollBox label="Signing keys of stateless tokens">
      <Table>
        <TableHead names={["Key", "Created", "State", "Published until"]} />
        <Table.Tbody>
          {keys.map((key) => (
            <Table.Tr key={key.id}>
              <Table.Td>{key.id}</Table.Td>
              <Table.Td>
                <Timestamp time={key.createdAt} />
              </Table.Td>
              <Table.Td>
                <StateOf {...key} />
              </Table.Td>
              <Table.Td>{key.expiresAt === null ? "The next rotation" : <Timestamp time={key.expiresAt} />}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollBox>
  );
}

function StateOf({ isSigning, signsFrom, expiresAt }: TokenKeyList["items"][number]) {
  if (isSigning) {
    return (
      <Badge variant="light" color="teal" tt="none" radius="sm">
        Signs
      </Badge>
    );
  }
  // Only the newest key is in no rotation yet.
  if (expiresAt !== null) {
    return (
      <Badge variant="light" color="gray" tt="none" radius="sm">
        Verifies existing tokens
      </Badge>
    );
  }
  return (
    <Text size="sm">
      Signs from <Timestamp time={signsFrom} />
    </Text>
  );
}
