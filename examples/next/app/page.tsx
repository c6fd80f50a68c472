import Link from "next/link";
import { getSession } from "../lib/sessions.ts";
import { logOut } from "./actions.ts";

export default async function Home() {
  const session = await getSession();
  if (!session) {
    return (
      <>
        <h1>byo-session example</h1>
        <p>Nobody is logged in. This page is open to everyone.</p>
        <p>
          <Link href="/login">Log in</Link> · <Link href="/account">Your account</Link> (protected)
        </p>
      </>
    );
  }
  return (
    <>
      <h1>byo-session example</h1>
      <p>
        You are <strong>{session.userId}</strong>.
      </p>
      <p>
        <Link href="/account">Your account</Link>
      </p>
      <form action={logOut}>
        <button type="submit">Log out</button>
      </form>
    </>
  );
}
