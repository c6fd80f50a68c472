import { Button, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import type { SecondFactorStart } from "../../../src/dashboard/contract/access.ts";
import { useAccess } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { FormError } from "../parts/form-error.tsx";
import { Section } from "../parts/section.tsx";
import { ShownOnce } from "../parts/shown-once.tsx";
import { CodeForm } from "./code-form.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";
import { SecondFactorSetup } from "./second-factor-setup.tsx";

/** Turns the second factor by an authenticator app on and off. */
export function SecondFactorSection() {
  const { me } = useAccess();
  const [started, setStarted] = useState<SecondFactorStart>();
  const [codes, setCodes] = useState<string[]>();
  const start = useAction("access/start-second-factor", { onSuccess: setStarted });
  const enable = useAction("access/enable-second-factor", {
    changes: ["access"],
    onSuccess: ({ codes: made }) => {
      setStarted(undefined);
      setCodes(made);
      notifications.show({ color: "teal", message: "The second factor is on." });
    },
  });
  const remove = useAction("access/remove-second-factor", {
    changes: ["access"],
    onSuccess: () => {
      setCodes(undefined);
      notifications.show({ color: "teal", message: "The second factor is off." });
    },
  });

  return (
    <Section title="Second factor">
      {me.hasSecondFactor ? (
        <Stack gap="sm">
          <Text size="sm">It is on: a login needs a code from your authenticator app as well as the password.</Text>
          {codes && (
            <ShownOnce title="Your recovery codes" value={codes.join("\n")} onDone={() => setCodes(undefined)}>
              <Text size="sm">
                Each one works once instead of a code from the app. Keep them away from this device.
              </Text>
            </ShownOnce>
          )}
          <RecoveryCodes onMade={setCodes} />
          <CodeForm verb="Turn off" color="red" label="Code from the app, or a recovery code" action={remove} />
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
