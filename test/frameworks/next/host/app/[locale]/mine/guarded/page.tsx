import { codeOf } from "../../../../lib/seen.ts";
import { requireSession } from "../../../../lib/sessions.ts";
import { Shown } from "../../../shown.tsx";

async function mine() {
  "use cache: private";
  return requireSession().catch(codeOf);
}

export default function Mine() {
  return <Shown what={async () => ({ error: await mine() })} />;
}
