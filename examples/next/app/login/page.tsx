import { LoginForm } from "./login-form.tsx";

/** What it says to somebody whose session is gone. */
const EXPLANATIONS: Record<string, string> = {
  LoggedOut: "You logged out.",
  Revoked: "You were logged out from another device.",
  Expired: "Your session has reached its end. Please log in again.",
  Inactive: "You were away for a while, so we logged you out.",
  TokenReused: "Somebody used an old copy of your session, so we ended it. Change your password if that was not you.",
};

type Query = Promise<Record<string, string | string[] | undefined>>;

export default async function Login({ searchParams }: { searchParams: Query }) {
  const { reason, returnTo } = await searchParams;
  const explanation = Object.entries(EXPLANATIONS).find(([word]) => word === reason)?.[1];
  return (
    <>
      <h1>Log in</h1>
      {explanation && <p role="alert">{explanation}</p>}
      <LoginForm returnTo={String(returnTo ?? "/account")} />
    </>
  );
}
