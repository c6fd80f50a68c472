import { cookies, headers } from "next/headers";
import { Shown } from "../../shown.tsx";

/** A page that asks the application's own API with the cookies that it has been sent: first without saying for whom. */
async function ask() {
  const url = `http://localhost:${process.env.PORT}/api/me`;
  const cookie = (await cookies()).toString();
  const userAgent = (await headers()).get("user-agent") ?? "";
  const { status: ofNobody } = await fetch(url, { headers: { cookie } });
  const answer = await fetch(url, { headers: { cookie, "user-agent": userAgent } });
  return { ...(await answer.json()), ofNobody };
}

export default function Forward() {
  return <Shown what={ask} />;
}
