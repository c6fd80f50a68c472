import { getSession } from "@byo-session/next";
import { Shown } from "../shown.tsx";

export default function Outside() {
  return <Shown what={async () => ({ session: await getSession() })} />;
}
