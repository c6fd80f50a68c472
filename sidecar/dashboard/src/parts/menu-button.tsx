import { Button, Menu } from "@mantine/core";
import type { ReactNode } from "react";

interface MenuButtonProps {
  name: string;
  icon: ReactNode;
  /** The items of the menu. */
  children: ReactNode;
}

/** A button in a page's header that opens a menu. */
export function MenuButton({ name, icon, children }: MenuButtonProps) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={icon}>
          {name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
