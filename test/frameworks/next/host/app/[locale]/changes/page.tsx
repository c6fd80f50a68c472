import { seen } from "../../../lib/seen.ts";
import { requireSession } from "../../../lib/sessions.ts";

/** An action that guards itself. */
async function change(form: FormData): Promise<void> {
  "use server";
  const { userId } = await requireSession();
  seen.push(`${form.get("text")} by ${userId}`);
}

export default function Changes() {
  return (
    <form action={change}>
      <input name="text" />
    </form>
  );
}
