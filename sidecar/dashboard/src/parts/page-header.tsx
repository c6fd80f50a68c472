import { Group, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import { visibleText } from "../format/visible.ts";
import { UserName } from "./user-name.tsx";

interface PageHeaderProps {
  /** Of a page, or the id of a user. */
  title: string;
  description?: ReactNode;
  /** Buttons at the end of the line. */
  children?: ReactNode;
}

export function PageHeader({ title, description, children }: PageHeaderProps) {
  useDocumentTitle(`${visibleText(title)} · Sessions`);
  return (
    <Group justify="space-between" align="flex-start" mb="md" gap="sm">
      <Stack gap={2} miw={0}>
        <Title order={1} size="h2" fw={650}>
          <UserName id={title} />
        </Title>
        {description && (
          <Text size="sm" c="dimmed" component="div">
            {description}
          </Text>
        )}
      </Stack>
      {children && <Group gap="xs">{children}</Group>}
    </Group>
  );
}
