import { Button, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { usePublicAction } from "../api/use-public-action.ts";
import { Timestamp } from "../parts/timestamp.tsx";
import { AccessPage } from "./access-page.tsx";
import { NewPasswordForm } from "./new-password-form.tsx";
import { useAccess } from "./use-access.ts";

/** The only page that a temporary password opens. */
export function ChoosePassword() {
  const { me } = useAccess();
  const queries = useQueryClient();
  const logOut = usePublicAction("access/logout", (state) => queries.setQueryData(["access/state", {}], state));
  return (
    <AccessPage title="Choose your password">
      <Text size="sm">
        The password you logged in with is temporary
        {me.temporaryUntil !== null && (
          <>
            {" "}
            and works until <Timestamp time={me.temporaryUntil} />
          </>
        )}
        . Replace it to continue.
      </Text>
      <Stack gap="xs">
        <NewPasswordForm currentLabel="Temporary password" username={me.username} />
        <Button variant="subtle" onClick={() => logOut.mutate({})} loading={logOut.isPending}>
          Log out
        </Button>
      </Stack>
    </AccessPage>
  );
}
