import { requireSession } from "../../../lib/sessions.ts";
import { Shown } from "../../shown.tsx";

export default function Guarded() {
  return (
    <main>
      <h1>Guarded</h1>
      <Shown what={async () => ({ session: await requireSession() })} />
    </main>
  );
}
