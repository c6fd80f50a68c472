import { explanationOf } from "../explanation.ts";
import { LoginForm } from "./login-form.tsx";

type Query = Promise<Record<string, string | string[] | undefined>>;

export default async function Login({ searchParams }: { searchParams: Query }) {
  const { reason, returnTo } = await searchParams;
  const explanation = explanationOf(reason);
  return (
    <>
      <h1>Log in</h1>
      {explanation && <p role="alert">{explanation}</p>}
      <LoginForm returnTo={String(returnTo ?? "/account")} />
    </>
  );
}
