import { Button, PasswordInput, Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS } from "../../../src/dashboard/contract/errors.ts";
import { usePublicAction } from "../api/use-public-action.ts";
import { FormError } from "../parts/form-error.tsx";

interface NewPasswordFormProps {
  currentLabel: string;
  username: string;
  onDone?: () => void;
}

export function NewPasswordForm({ currentLabel, username, onDone }: NewPasswordFormProps) {
  const queries = useQueryClient();
  const [differs, setDiffers] = useState(false);
  const change = usePublicAction("access/change-password", (state) => {
    queries.setQueryData(["access/state", {}], state);
    onDone?.();
  });

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const newPassword = String(fields.get("new"));
    const isRepeated = newPassword === fields.get("repeated");
    setDiffers(!isRepeated);
    if (isRepeated) change.mutate({ currentPassword: String(fields.get("current")), newPassword });
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {/* For password managers: the account of this password. */}
        <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
        <PasswordInput name="current" label={currentLabel} autoComplete="current-password" required />
        <PasswordInput
          name="new"
          label="New password"
          description={`At least ${PASSWORD_MIN_CHARS} characters, and not a common password. You can paste it.`}
          autoComplete="new-password"
          minLength={PASSWORD_MIN_CHARS}
          maxLength={PASSWORD_MAX_CHARS}
          required
        />
        <PasswordInput
          name="repeated"
          label="Repeat the new password"
          autoComplete="new-password"
          required
          error={differs && "The passwords do not match"}
        />
        <FormError error={change.error} />
        <Button type="submit" loading={change.isPending}>
          Change password
        </Button>
      </Stack>
    </form>
  );
}
