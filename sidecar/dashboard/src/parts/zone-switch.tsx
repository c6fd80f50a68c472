import { Button, Text } from "@mantine/core";
import { otherZone, showZone } from "../format/zone.ts";
import { useZone } from "./use-zone.ts";

/** Names the zone of the times beside it, and switches between the reader's own and UTC, on all pages. */
export function ZoneSwitch() {
  const zone = useZone();
  const other = otherZone();
  return (
    <Text span size="xs" c="dimmed">
      Times in {zone}
      {other !== undefined && (
        <Button variant="subtle" size="compact-xs" ml={4} onClick={() => showZone(other)}>
          Show {other}
        </Button>
      )}
    </Text>
  );
}
