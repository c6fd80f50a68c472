import { Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { EXPORT_FORMATS } from "../../../src/dashboard/contract/sessions.ts";
import { MenuButton } from "./menu-button.tsx";

interface ExportLinksProps {
  /** The address of the file. */
  hrefAs: (format: (typeof EXPORT_FORMATS)[number]) => string;
}

/** Links to the filtered list as a file. */
export function ExportLinks({ hrefAs }: ExportLinksProps) {
  return (
    <MenuButton name="Export" icon={<IconDownload size={16} aria-hidden />}>
      {EXPORT_FORMATS.map((format) => (
        <Menu.Item key={format} component="a" href={hrefAs(format)} download>
          As {format.toUpperCase()}
        </Menu.Item>
      ))}
    </MenuButton>
  );
}
