import { Alert, Button, Code, CopyButton, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./shown-once.module.css";

interface ShownOnceProps {
  title: string;
  /** The secret. It exists only in this page's memory. */
  value: string;
  children?: ReactNode;
  onDone: () => void;
}

/** Shows a secret that the server cannot show again. */
export function ShownOnce({ title, value, children, onDone }: ShownOnceProps) {
  return (
    <Alert color="yellow" variant="light" title={title} role="alert">
      <Stack gap="sm">
        <Text size="sm">Copy it now. It is shown only once and cannot be read again.</Text>
        <Code block className={classes.secret}>
          {value}
        </Code>
        {children}
        <Group gap="xs">
          <CopyButton value={value}>
            {({ copied, copy }) => (
              <Button size="xs" onClick={copy}>
                {copied ? "Copied" : "Copy"}
              </Button>
            )}
          </CopyButton>
          <Button size="xs" variant="default" onClick={onDone}>
            I have saved it
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
