import { CopyButton, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBookmark } from "@tabler/icons-react";
import { Link } from "react-router";
import type { SessionFilter } from "../api/calls.ts";
import { useAnswer } from "../api/use-answer.ts";
import { MenuButton } from "../parts/menu-button.tsx";
import { sessionsPath } from "./filters.ts";
import { ViewsDialog } from "./views-dialog.tsx";

/** Saved filters of the list, and a link to this one for a colleague. */
export function ViewsMenu({ filter }: { filter: SessionFilter }) {
  const [opened, { open, close }] = useDisclosure(false);
  const views = useAnswer("views/list", {});
  const items = views.data?.items ?? [];
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <MenuButton name="Views" icon={<IconBookmark size={16} aria-hidden />}>
        {items.map((view) => (
          <Menu.Item key={view.id} component={Link} to={sessionsPath(view.filter)}>
            {view.name}
            {view.isShared && ` (shared by ${view.owner})`}
          </Menu.Item>
        ))}
        {items.length > 0 && <Menu.Divider />}
        {isFiltered && (
          <CopyButton value={linkTo(filter)}>
            {({ copied, copy }) => (
              <Menu.Item onClick={copy} closeMenuOnClick={false}>
                {copied ? "Link copied" : "Copy the link to this list"}
              </Menu.Item>
            )}
          </CopyButton>
        )}
        <Menu.Item onClick={open}>{isFiltered ? "Save this view…" : "Delete views…"}</Menu.Item>
      </MenuButton>
      <ViewsDialog filter={filter} views={items} opened={opened} onClose={close} />
    </>
  );
}

/** The filter is in the address, so the link shows the same list to everybody who may see it. */
function linkTo(filter: SessionFilter): string {
  return new URL(sessionsPath(filter), window.location.origin).href;
}
