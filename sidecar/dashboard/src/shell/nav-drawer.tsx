import { Burger, Drawer } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { NavLinks } from "./nav-links.tsx";
import classes from "./shell.module.css";

/** The navigation of a small screen. */
export function NavDrawer() {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Burger opened={opened} onClick={open} size="sm" aria-label="Open the navigation" className={classes.burger} />
      <Drawer opened={opened} onClose={close} size="16rem" title="Sessions">
        <nav aria-label="Pages">
          <NavLinks onFollow={close} />
        </nav>
      </Drawer>
    </>
  );
}
