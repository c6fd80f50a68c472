import { Paper, Stack, Title } from "@mantine/core";
import type { ReactNode } from "react";
import icon from "../theme/icon.svg";
import classes from "./access-page.module.css";

/** The frame of the pages that are shown before the dashboard. */
export function AccessPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={classes.page}>
      <Paper withBorder p="xl" radius="md" className={classes.card}>
        <Stack gap="md">
          <img src={icon} width={36} height={36} alt="" />
          <Title order={1} size="h3">
            {title}
          </Title>
          {children}
        </Stack>
      </Paper>
    </main>
  );
}
