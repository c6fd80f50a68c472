import { after } from "next/server";
import { codeOf, seen } from "../../../lib/seen.ts";
import { byo, getSession } from "../../../lib/sessions.ts";
import { Shown } from "../../shown.tsx";

async function ask() {
  const session = await getSession();
  after(async () => {
    const again = await getSession();
    const login = await (await byo()).login({ userId: "afterwards" }).catch(codeOf);
    seen.push({ by: "page", userId: again?.userId, login });
  });
  return { session };
}

export default function Afterwards() {
  return <Shown what={ask} />;
}
