import { Button, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import type { SecondFactorStart } from "../../../src/dashboard/contract/access.ts";
import { useAccess } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { FormError } from "../parts/form-error.tsx";
import { Section } from "../parts/section.tsx";
import { CodeForm } from "./code-form.tsx";
import { SecondFactorSetup } from "./second-factor-setup.tsx";

/** Turns the second factor by an authenticator app on and off. */
export function SecondFactorSection() {
  const { me } = useAccess();
  const [started, setStarted] = useState<SecondFactorStart>();
  const start = useAction("access/start-second-factor", { onSuccess: setStarted });
  const enable = useAction("access/enable-second-factor", {
    changes: ["access"],
    onSuccess: () => {
      setStarted(undefined);
      notifications.show({ color: "teal", message: "The second factor is on." });
    },
  });
  const remove = useAction("access/remove-second-factor", {
    changes: ["access"],
    onSuccess: () => notifications.show({ color: "teal", message: "The second factor is off." }),
  });

  return (
    <Section title="Second factor">
      {me.hasSecondFactor ? (
        <Stack gap="sm">
          <Text size="sm">It is on: a login needs a code from your authenticator app as well as the password.</Text>
          <CodeForm verb="Turn off" color="red" action={remove} />
        </Stack>
      ) : started ? (
        <SecondFactorSetup start={started}>
          <CodeForm verb="Turn on" action={enable} />
        </SecondFactorSetup>
      ) : (
        <Stack gap="sm" align="flex-start">
          <Text size="sm">With an authenticator app, a stolen password alone is not enough to log in.</Text>
          <FormError error={start.error} />
          <Button size="xs" onClick={() => start.mutate({})} loading={start.isPending}>
            Set up a second factor
          </Button>
        </Stack>
      )}
    </Section>
  );
}
