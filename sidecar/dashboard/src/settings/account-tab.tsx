import { Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { ROLE_NAMES } from "../../../src/dashboard/contract/roles.ts";
import { NewPasswordForm } from "../access/new-password-form.tsx";
import { useAccess } from "../access/use-access.ts";
import { duration } from "../format/duration.ts";
import { Facts } from "../parts/facts.tsx";
import { Section } from "../parts/section.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { SecondFactorSection } from "./second-factor-section.tsx";

export function AccountTab() {
  const { me, version } = useAccess();
  const [changes, setChanges] = useState(0);

  function changed() {
    notifications.show({ color: "teal", message: "Password changed. Your other logins have ended." });
    setChanges(changes + 1);
  }

  return (
    <Stack maw="40rem">
      <Section title="You">
        <Facts
          items={[
            ["Username", me.username],
            ["Role", ROLE_NAMES[me.role]],
            ["Login ends", <Timestamp key="end" time={me.sessionEndsAt} />],
            ["Idle timeout", duration(me.idleTimeoutSecs)],
            ["Sidecar version", version],
          ]}
        />
      </Section>
      <Section title="Password">
        <NewPasswordForm key={changes} currentLabel="Current password" username={me.username} onDone={changed} />
      </Section>
      <SecondFactorSection />
    </Stack>
  );
}
