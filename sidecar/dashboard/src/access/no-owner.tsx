import { Code, Text } from "@mantine/core";
import { AccessPage } from "./access-page.tsx";

export function NoOwner() {
  return (
    <AccessPage title="No account exists yet">
      <Text size="sm">
        Set <Code>INITIAL_OWNER_USERNAME</Code> in the environment of the sidecar and restart it. It then creates the
        first account, with a temporary password that you replace at the first login.
      </Text>
    </AccessPage>
  );
}
