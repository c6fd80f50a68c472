import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { Activity, type ReactNode, useEffect, useMemo, useState } from "react";
import type { AccessState, LoginEnd, Me } from "../../../src/dashboard/contract/access.ts";
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

type Access = AccessState & { me: Me };

/**
 * Shows the dashboard to people who are logged in, and shows everyone else what to do first. The address does not
 * change. Behind the login form the page stays for the same person, with all that was typed in it.
 */
export function AccessGate({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const state = useAnswer("access/state", {}, { everyMs: REFRESH_MS });
  const { data, refetch } = state;
  const access = useMemo(() => (data?.me ? { ...data, me: data.me } : null), [data]);
  const [last, setLast] = useState<Access | null>(null);
  if (access && access !== last) setLast(access);
  const shown = access ?? (data && mayComeBack(data.ended) ? last : null);
  const isEmpty = shown === null;

  // The next person at this screen must not see the cached data.
  useEffect(() => {
    if (isEmpty) forgetAnswers(queries);
  }, [isEmpty, queries]);

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
  return (
    <>
      {!access && (data.needsOwner ? <NoOwner /> : <LoginForm ended={data.ended} waiting={shown?.me.username} />)}
      {shown && (
        <AccessContext key={shown.me.username} value={shown}>
          <Activity mode={access ? "visible" : "hidden"}>
            <Newcomer>
              {shown.me.mustChangePassword ? (
                <ChoosePassword />
              ) : (
                <PasswordDialogProvider>{children}</PasswordDialogProvider>
              )}
            </Newcomer>
          </Activity>
        </AccessContext>
      )}
    </>
  );
}

/** Whether the person who was logged in is probably still at the screen. After a logout or a long pause it may be another one. */
function mayComeBack(ended: LoginEnd | null): boolean {
  return ended?.reason === "Expired" || ended?.reason === "Ended";
}

/** Forgets what somebody else has seen here, before anything is drawn for this person. */
function Newcomer({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  useState(() => forgetAnswers(queries));
  return children;
}

function forgetAnswers(queries: QueryClient): void {
  queries.removeQueries({ predicate: ({ queryKey: [name] }) => name !== "access/state" });
}
