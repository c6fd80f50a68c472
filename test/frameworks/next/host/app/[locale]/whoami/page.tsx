import { cookies, headers } from "next/headers";
import { byo, getSession } from "../../../lib/sessions.ts";
import { Shown } from "../../shown.tsx";

/** Everything that the server sees of its session and its request. */
async function findOut() {
  const sessions = await Promise.all(Array.from({ length: 10 }, () => getSession()));
  const login = await (await byo()).login({ userId: "from-a-page" }).catch((error: unknown) => error);
  const list = await headers();
  return {
    session: sessions[0],
    different: new Set(sessions).size,
    login: [Object(login).code, Object(login).message],
    cookie: list.get("cookie"),
    cookies: (await cookies()).toString(),
    locale: list.get("x-next-intl-locale"),
  };
}

export default function WhoAmI() {
  return <Shown what={findOut} />;
}
