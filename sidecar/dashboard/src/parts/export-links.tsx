import { Button, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { EXPORT_FORMATS } from "../../../src/dashboard/contract/sessions.ts";

interface ExportLinksProps {
  /** The address of the file. */
  hrefAs: (format: (typeof EXPORT_FORMATS)[number]) => string;
}

/** Links to the filtered list as a file. */
export function ExportLinks({ hrefAs }: ExportLinksProps) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<IconDownload size={16} aria-hidden />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {EXPORT_FORMATS.map((format) => (
          <Menu.Item key={format} component="a" href={hrefAs(format)} download>
            As {format.toUpperCase()}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
