import { getSession, requireSession } from "../../../../lib/sessions.ts";
import { Shown } from "../../../shown.tsx";

async function mine() {
  "use cache: private";
  return (await getSession())?.userId ?? "nobody";
}

export default function Then() {
  return <Shown what={async () => [await mine(), await requireSession()]} />;
}
