import { headers } from "next/headers";
import Link from "next/link";
import { requireSession } from "../../lib/sessions.ts";
import { addNote, logOut, readNotes } from "../actions.ts";

export default async function Account() {
  // The page has its own guard: the proxy's list of paths is only a first check.
  const session = await requireSession();
  const generation = generationOf((await headers()).get("cookie") ?? "");
  return (
    <>
      <h1>Your account</h1>
      <p>
        Hello, <strong>{session.userId}</strong>. Only you can see this page.
      </p>
      <p id="rotation">
        Your browser's token is number <strong>{generation}</strong> of this session. In this example it is replaced
        every 30 seconds: reload now and then, and the number grows while you stay logged in.
      </p>
      {session.hasDeviceRegistered && <p id="bound">This session is bound to a key that your browser keeps.</p>}
      <ul>
        {(await readNotes()).map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <form action={addNote}>
        <label>
          Note <input name="text" required />
        </label>{" "}
        <button type="submit">Keep</button>
      </form>
      <p>
        <Link href="/">Home</Link> · <Link href="/account/settings">Settings</Link>
      </p>
      <form action={logOut}>
        <button type="submit">Log out</button>
      </form>
    </>
  );
}

/** The token's number in its session, which is not secret. Only to show what rotation does. */
function generationOf(cookie: string): number | undefined {
  const hex = /essionToken=byo_sess_[\w-]{22}\.([0-9a-f]{8})\./.exec(cookie)?.[1];
  return hex === undefined ? undefined : Number.parseInt(hex, 16);
}
