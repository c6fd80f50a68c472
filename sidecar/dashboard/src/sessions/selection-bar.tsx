import { Button, Group, Text } from "@mantine/core";
import { EndSelectedButton } from "../ending/end-many-button.tsx";
import { countOf } from "../format/count.ts";
import type { Selection } from "./use-selection.ts";

interface SelectionBarProps {
  /** The sessions of the page that can be selected. */
  active: string[];
  selection: Selection;
}

/** What can be done with the selected sessions. */
export function SelectionBar({ active, selection }: SelectionBarProps) {
  const { ids, set } = selection;
  return (
    <Group gap="xs" role="group" aria-label="Selection">
      {ids.size < active.length && (
        <Button size="compact-xs" variant="default" onClick={() => set(active)}>
          Select all active on this page
        </Button>
      )}
      {ids.size > 0 && (
        <>
          <Button size="compact-xs" variant="default" onClick={() => set([])}>
            Select none
          </Button>
          <Text size="sm" role="status">
            {countOf(ids.size, "session")} selected
          </Text>
        </>
      )}
      <EndSelectedButton sessionIds={[...ids]} isOffered={ids.size > 0} onEnded={() => set([])} />
    </Group>
  );
}
