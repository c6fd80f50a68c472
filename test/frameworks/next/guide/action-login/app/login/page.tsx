import { logIn } from "./actions";

export const instant = false;

type Query = Promise<Record<string, string | string[] | undefined>>;

export default async function Login({ searchParams }: { searchParams: Query }) {
  const { returnTo } = await searchParams;
  return (
    <form action={logIn}>
      <input type="hidden" name="returnTo" value={String(returnTo)} />
      <label>
        Name <input name="name" required />
      </label>
      <label>
        Password <input name="password" />
      </label>
      <button type="submit">Log in</button>
    </form>
  );
}
