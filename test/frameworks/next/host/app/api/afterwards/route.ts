import { after } from "next/server";
import { codeOf, seen } from "../../../lib/seen.ts";
import { byo, getSession, withByo } from "../../../lib/sessions.ts";

async function look(by: string) {
  const session = await getSession();
  const login = await (await byo()).login({ userId: "afterwards" }).catch(codeOf);
  seen.push({ by, userId: session?.userId, login });
}

/** A handler that has the request's session itself, and one that asks for it only afterwards. */
export const GET = withByo(() => {
  after(() => look("handler"));
  return new Response("later");
});

export async function POST(): Promise<Response> {
  after(() => look("bare handler"));
  return new Response("later");
}
