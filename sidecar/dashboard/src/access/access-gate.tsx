import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo } from "react";
import { failedWith } from "../api/api-error.ts";
import { whyMissing } from "../api/away.ts";
import { useAnswer } from "../api/use-answer.ts";
import { ErrorState } from "../parts/error-state.tsx";
import { PageLoader } from "../parts/page-loader.tsx";
import { AccessPage } from "./access-page.tsx";
import { ChoosePassword } from "./choose-password.tsx";
import { LoginForm } from "./login-form.tsx";
import { NoOwner } from "./no-owner.tsx";
import { PasswordDialogProvider } from "./password-dialog.tsx";
import { AccessContext } from "./use-access.ts";

const REFRESH_MS = 60_000;

/**
 * Shows the dashboard to people who are logged in, and shows everyone else what to do first. The address does not
 * change.
 */
export function AccessGate({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const state = useAnswer("access/state", {}, { everyMs: REFRESH_MS });
  const { data, refetch } = state;
  const username = data?.me?.username;

  // The next person at this screen must not see the cached data.
  useEffect(() => {
    if (username === undefined) queries.removeQueries({ predicate: ({ queryKey: [key] }) => key !== "access/state" });
  }, [username, queries]);

  const access = useMemo(() => (data?.me ? { ...data, me: data.me } : null), [data]);
  if (!data) {
    const error = whyMissing(state);
    const databaseIsDown = failedWith(error, "DatabaseUnavailable") ?? failedWith(error, "DatabaseTimeout");
    if (error === null) return <PageLoader />;
    return (
      <AccessPage title={databaseIsDown ? "The database does not answer" : "The sidecar does not answer"}>
        <ErrorState error={error} onRetry={refetch} />
      </AccessPage>
    );
  }
  if (!access) return data.needsOwner ? <NoOwner /> : <LoginForm ended={data.ended} />;
  return (
    <AccessContext value={access}>
      {access.me.mustChangePassword ? <ChoosePassword /> : <PasswordDialogProvider>{children}</PasswordDialogProvider>}
    </AccessContext>
  );
}
