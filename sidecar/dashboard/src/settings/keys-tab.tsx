import { Button, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useMay } from "../access/use-access.ts";
import { useAnswer } from "../api/use-answer.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ShownOnce } from "../parts/shown-once.tsx";
import { CreateKeyDialog } from "./create-key-dialog.tsx";
import { KeyTable } from "./key-table.tsx";

const REFRESH_MS = 10_000;

/** The integration keys, which let apps call the sidecar. */
export function KeysTab() {
  const may = useMay();
  const keys = useAnswer("settings/integration-keys", {}, { everyMs: REFRESH_MS });
  const [isCreating, setIsCreating] = useState(false);
  const [created, setCreated] = useState<string>();
  return (
    <AnswerView answer={keys}>
      {({ items, commands, url }) => (
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            Apps need one of these keys to call the sidecar. Only hashes of the keys are stored.
          </Text>
          {created !== undefined && (
            <ShownOnce
              title="The new integration key"
              value={`BYO_URL=${url}\nBYO_INTEGRATION_KEY=${created}`}
              onDone={() => setCreated(undefined)}
            >
              <Text size="sm">
                Paste these lines into the environment of your app. The address is right on this machine; an app in a
                container or on another machine needs the name under which it reaches the sidecar.
              </Text>
            </ShownOnce>
          )}
          {may("settings/create-integration-key") && (
            <Button size="xs" onClick={() => setIsCreating(true)} w="fit-content">
              New key…
            </Button>
          )}
          <CreateKeyDialog
            commands={commands}
            opened={isCreating}
            onClose={() => setIsCreating(false)}
            onCreated={({ key }) => {
              setCreated(key);
              setIsCreating(false);
            }}
          />
          {items.length === 0 ? (
            <EmptyState title="No keys">Without a key no app can call the sidecar.</EmptyState>
          ) : (
            <KeyTable keys={items} commands={commands} />
          )}
        </Stack>
      )}
    </AnswerView>
  );
}
