import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useState } from "react";
import { failedWith } from "../api/api-error.ts";
import { usePublicAction } from "../api/use-public-action.ts";
import { FormError } from "../parts/form-error.tsx";
import { AccessPage } from "./access-page.tsx";

export function LoginForm() {
  const queries = useQueryClient();
  const logIn = usePublicAction("access/login", (state) => queries.setQueryData(["access/state", {}], state));
  const needsCode = failedWith(logIn.error, "CodeRequired") !== undefined;
  // The field stays once it was asked for: a wrong code and a wrong password get the same answer.
  const [hasCode, setHasCode] = useState(false);
  if (needsCode && !hasCode) setHasCode(true);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const code = String(fields.get("code") ?? "").replaceAll(/\s/g, "");
    const username = String(fields.get("username")).trim();
    logIn.mutate({ username, password: String(fields.get("password")), ...(code && { code }) });
  }

  return (
    <AccessPage title="Log in to the session dashboard">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput name="username" label="Username" autoComplete="username" required autoFocus spellCheck={false} />
          <PasswordInput name="password" label="Password" autoComplete="current-password" required />
          {hasCode && (
            <TextInput
              name="code"
              label="Code from your authenticator app"
              description="Six digits"
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              autoFocus
            />
          )}
          <FormError error={needsCode ? null : logIn.error} />
          <Button type="submit" loading={logIn.isPending} fullWidth>
            Log in
          </Button>
        </Stack>
      </form>
    </AccessPage>
  );
}
