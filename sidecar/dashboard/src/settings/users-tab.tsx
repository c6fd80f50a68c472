import { Button, Stack } from "@mantine/core";
import { useState } from "react";
import type { TemporaryPassword } from "../../../src/dashboard/contract/settings.ts";
import { useMay } from "../access/use-access.ts";
import { useAnswer } from "../api/use-answer.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { CreateUserDialog } from "./create-user-dialog.tsx";
import { NewPasswordOf } from "./new-password-of.tsx";
import { UserTable } from "./user-table.tsx";

/** The people who may use this dashboard. */
export function UsersTab() {
  const may = useMay();
  const users = useAnswer("settings/users", {});
  const [isCreating, setIsCreating] = useState(false);
  const [made, setMade] = useState<TemporaryPassword>();
  return (
    <AnswerView answer={users}>
      {({ items }) => (
        <Stack gap="sm">
          {made && <NewPasswordOf made={made} onDone={() => setMade(undefined)} />}
          {may("settings/create-user") && (
            <Button size="xs" onClick={() => setIsCreating(true)} w="fit-content">
              New user…
            </Button>
          )}
          <CreateUserDialog
            opened={isCreating}
            onClose={() => setIsCreating(false)}
            onCreated={(password) => {
              setMade(password);
              setIsCreating(false);
            }}
          />
          <UserTable users={items} onNewPassword={setMade} />
        </Stack>
      )}
    </AnswerView>
  );
}
