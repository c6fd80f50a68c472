import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useState } from "react";
import type { LoginEnd } from "../../../src/dashboard/contract/access.ts";
import { failedWith } from "../api/api-error.ts";
import { usePublicAction } from "../api/use-public-action.ts";
import { duration } from "../format/duration.ts";
import { FormError } from "../parts/form-error.tsx";
import { AccessPage } from "./access-page.tsx";

interface LoginFormProps {
  /** Why the earlier login has ended. */
  ended: LoginEnd | null;
  /** Who was logged in, if the page waits behind the form with what that person has typed. */
  waiting: string | undefined;
}

export function LoginForm({ ended, waiting }: LoginFormProps) {
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
          {ended && (
            <Alert color="yellow" variant="light" role="status">
              {whyEnded(ended)}
              {waiting !== undefined && ` Log in again as ${waiting}: what you typed is still there.`}
            </Alert>
          )}
          <TextInput
            name="username"
            label="Username"
            defaultValue={waiting}
            autoComplete="username"
            required
            autoFocus
            spellCheck={false}
          />
          <PasswordInput name="password" label="Password" autoComplete="current-password" required />
          {hasCode && (
            <TextInput
              name="code"
              label="Code from your authenticator app"
              description="Six digits, or a recovery code"
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

function whyEnded(ended: LoginEnd): string {
  switch (ended.reason) {
    case "Idle":
      return `You were logged out because nobody used the page for ${duration(ended.afterSecs)}.`;
    case "Expired":
      return `You were logged out because a login lasts at most ${duration(ended.afterSecs)}.`;
    case "Ended":
      return "Your login was ended: by a new password, a change of your account, a newer login, or because an old copy of its cookie was used.";
  }
}
