import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconLogout, IconUserCircle } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { ROLE_NAMES } from "../../../src/dashboard/contract/roles.ts";
import { useAccess } from "../access/use-access.ts";
import { usePublicAction } from "../api/use-public-action.ts";
import { ZoneItem } from "./zone-item.tsx";

export function AccountMenu() {
  const { me } = useAccess();
  const queries = useQueryClient();
  const logOut = usePublicAction("access/logout", (state) => queries.setQueryData(["access/state", {}], state));
  const label = `Account of ${me.username}`;
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Tooltip label={label}>
          <ActionIcon variant="default" size="lg" aria-label={label}>
            <IconUserCircle size={20} stroke={1.75} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.username} · {ROLE_NAMES[me.role]}
        </Menu.Label>
        <Menu.Item component={Link} to="/settings/account">
          Password and second factor
        </Menu.Item>
        <ZoneItem />
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => logOut.mutate({})}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
