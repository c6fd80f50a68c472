import type { NextRequest } from "next/server";
import { getSession, requireSession, withByo, withSession } from "../lib/sessions.ts";

/** Route handlers that guard themselves, in each way that there is. */
export const me = withSession((request, { session }) =>
  Response.json({ secret: session.userId, asked: request.nextUrl.pathname }),
);

export async function bare(): Promise<Response> {
  const session = await getSession();
  return session ? Response.json({ secret: session.userId }) : new Response("nobody", { status: 401 });
}

export async function required(): Promise<Response> {
  const { userId } = await requireSession();
  return Response.json({ secret: userId });
}

export const login = withByo(async (request: NextRequest, { byo }) =>
  Response.json(await byo.login(await request.json())),
);
