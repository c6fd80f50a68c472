import { getSession } from "../../../lib/sessions.ts";
import { Shown } from "../../shown.tsx";

async function mine() {
  "use cache: private";
  return (await getSession())?.userId ?? "nobody";
}

export default function Mine() {
  return <Shown what={async () => ({ userId: await mine() })} />;
}
