import { ThemeIcon, Tooltip } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";

const LABEL = "Bound to a device: each use is proved with its key";

export function BoundMark() {
  return (
    <Tooltip label={LABEL}>
      <ThemeIcon variant="light" color="teal" size="xs" role="img" aria-label={LABEL}>
        <IconKey size={12} aria-hidden />
      </ThemeIcon>
    </Tooltip>
  );
}
