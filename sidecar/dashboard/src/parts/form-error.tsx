import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { explain } from "../api/api-error.ts";

/** Why a form was refused; screen readers announce it. Empty without an error. */
export function FormError({ error }: { error: unknown }) {
  if (!error) return null;
  return (
    <Alert role="alert" color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} p="xs">
      {explain(error)}
    </Alert>
  );
}
