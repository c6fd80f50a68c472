import { cookies, headers } from "next/headers";
import { Shown } from "../../shown.tsx";

/** A page that asks the application's own API, with the cookies that it has been sent, for the browser that it is. */
async function ask() {
  const userAgent = (await headers()).get("user-agent") ?? "";
  const answer = await fetch(`http://localhost:${process.env.PORT}/api/me`, {
    headers: { cookie: (await cookies()).toString(), "user-agent": userAgent },
  });
  return answer.json();
}

export default function Forward() {
  return <Shown what={ask} />;
}
