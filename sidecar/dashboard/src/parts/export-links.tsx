import { Button, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import type { InputOf } from "../../../src/dashboard/contract/api.ts";
import { callUrl } from "../../../src/dashboard/contract/query.ts";
import { EXPORT_FORMATS } from "../../../src/dashboard/contract/sessions.ts";

type Exported = "sessions/export" | "log/export";

interface ExportLinksProps<C extends Exported> {
  call: C;
  input: Omit<InputOf<C>, "format">;
}

/** Links to the filtered list as a file. */
export function ExportLinks<C extends Exported>({ call, input }: ExportLinksProps<C>) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<IconDownload size={16} aria-hidden />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {EXPORT_FORMATS.map((format) => (
          <Menu.Item key={format} component="a" href={callUrl(call, { ...input, format })} download>
            As {format.toUpperCase()}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
