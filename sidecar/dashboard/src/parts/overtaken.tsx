import { Alert } from "@mantine/core";

/** Says in a dialog what has happened since it was opened. The dialog stays, so that nobody wonders where it went. */
export function Overtaken({ by }: { by: string | undefined }) {
  if (by === undefined) return null;
  return (
    <Alert role="alert" color="yellow" variant="light" p="xs">
      {by}
    </Alert>
  );
}
