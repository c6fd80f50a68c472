import { Code, Text } from "@mantine/core";
import { AccessPage } from "./access-page.tsx";

export function NoOwner() {
  return (
    <AccessPage title="There is no account yet">
      <Text size="sm">
        Set <Code>INITIAL_OWNER_USERNAME</Code> in the environment of the sidecar and start it again. It makes the first
        account, with a temporary password that is replaced at the first login.
      </Text>
    </AccessPage>
  );
}
