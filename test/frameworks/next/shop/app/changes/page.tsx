import { change, listChanges } from "../changes.ts";

export const dynamic = "force-dynamic";

export default async function Changes() {
  return (
    <form action={change}>
      <pre>{JSON.stringify(await listChanges())}</pre>
      <input name="text" />
    </form>
  );
}
