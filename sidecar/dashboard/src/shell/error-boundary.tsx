import { Alert, Button, Stack, Text } from "@mantine/core";
import { Component, type ReactNode } from "react";

interface State {
  hasFailed: boolean;
}

/** A page that breaks says so, and the rest of the dashboard goes on. After an upgrade its file may be gone: reload. */
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
          <Text size="sm">If the sidecar was just upgraded, loading the page again mends it.</Text>
          <Button size="xs" variant="default" onClick={() => location.reload()}>
            Load again
          </Button>
        </Stack>
      </Alert>
    );
  }
}
