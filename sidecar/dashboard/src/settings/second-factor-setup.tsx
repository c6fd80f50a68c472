import { Code, Group, Stack, Text } from "@mantine/core";
import { QRCodeSVG } from "qrcode.react";
import type { ReactNode } from "react";
import type { SecondFactorStart } from "../../../src/dashboard/contract/access.ts";
import classes from "./settings.module.css";

const SIZE_PX = 168;

export function SecondFactorSetup({ start, children }: { start: SecondFactorStart; children: ReactNode }) {
  return (
    <Group align="flex-start" gap="lg">
      <div className={classes.qr}>
        <QRCodeSVG value={start.uri} size={SIZE_PX} title="QR code for the authenticator app" />
      </div>
      <Stack gap="sm" flex="1 1 14rem">
        <Text size="sm">
          Scan this with your authenticator app, or enter the secret there: <Code>{start.secret}</Code>
        </Text>
        <Text size="sm">Then enter the code it shows.</Text>
        {children}
      </Stack>
    </Group>
  );
}
