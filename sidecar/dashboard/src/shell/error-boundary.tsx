import { Alert, Button, Stack, Text } from "@mantine/core";
import { Component, type ReactNode } from "react";

interface State {
  hasFailed: boolean;
}

/** Shows the error of a broken page and keeps the rest working. After an upgrade a page's file may be gone: reload. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { hasFailed: false };

  static getDerivedStateFromError(): State {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <Alert role="alert" color="red" variant="light" title="This page could not be shown">
        <Stack gap="xs" align="flex-start">
          <Text size="sm">Reload the page if the sidecar was just upgraded.</Text>
          <Button size="xs" variant="default" onClick={() => location.reload()}>
            Reload
          </Button>
        </Stack>
      </Alert>
    );
  }
}
