import { ActionIcon, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDots } from "@tabler/icons-react";
import { mayManage, ROLE_NAMES, ROLES } from "../../../src/dashboard/contract/roles.ts";
import type { DashboardUser, TemporaryPassword } from "../../../src/dashboard/contract/settings.ts";
import { useAccess } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { explain } from "../api/api-error.ts";

interface UserMenuProps {
  user: DashboardUser;
  onNewPassword: (made: TemporaryPassword) => void;
}

/** The actions on another user's account. People change their own under "Your account". */
export function UserMenu({ user, onNewPassword }: UserMenuProps) {
  const { me } = useAccess();
  const changes = ["settings"];
  const change = useAction("settings/change-user", { changes });
  const resetPassword = useAction("settings/reset-password", { changes, onSuccess: onNewPassword });
  const resetSecondFactor = useAction("settings/reset-second-factor", { changes });
  const { username, role, isDisabled, hasSecondFactor } = user;
  const report = { onError: (error: unknown) => notifications.show({ color: "red", message: explain(error) }) };
  const roles = ROLES.filter((other) => other !== role && mayManage(me.role, other));
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${username}`}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>This ends all logins of the user</Menu.Label>
        {roles.map((other) => (
          <Menu.Item key={other} onClick={() => change.mutate({ username, role: other }, report)}>
            Make {ROLE_NAMES[other]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => resetPassword.mutate({ username }, report)}>Reset password</Menu.Item>
        {hasSecondFactor && (
          <Menu.Item onClick={() => resetSecondFactor.mutate({ username }, report)}>Turn off second factor</Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item
          color={isDisabled ? undefined : "red"}
          onClick={() => change.mutate({ username, isDisabled: !isDisabled }, report)}
        >
          {isDisabled ? "Enable" : "Disable"}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
