import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { explain } from "../api/api-error.ts";

interface FormErrorProps {
  error: unknown;
  /** The fields that show their own problems. */
  shownAt?: readonly string[];
}

/** Why a form was refused; screen readers announce it. Empty without an error. */
export function FormError({ error, shownAt = [] }: FormErrorProps) {
  const message = error ? explain(error, shownAt) : "";
  if (message === "") return null;
  return (
    <Alert role="alert" color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} p="xs">
      {message}
    </Alert>
  );
}
