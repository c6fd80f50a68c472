import { Menu } from "@mantine/core";
import { IconWorld } from "@tabler/icons-react";
import { otherZone, showZone } from "../format/zone.ts";
import { useZone } from "../parts/use-zone.ts";

/** In the account's menu, for pages that do not name the zone beside their times. */
export function ZoneItem() {
  const zone = useZone();
  const other = otherZone();
  if (other === undefined) return <Menu.Label>Times in {zone}</Menu.Label>;
  return (
    <Menu.Item leftSection={<IconWorld size={16} aria-hidden />} onClick={() => showZone(other)}>
      Show times in {other}
    </Menu.Item>
  );
}
