import type { RequestEvent } from "@sveltejs/kit";

export async function load({ locals, fetch }: RequestEvent) {
  const session = await locals.requireSession();
  const first = await (await fetch("/api/list")).json();
  const second = await (await fetch("/api/list")).json();
  return { userId: session?.userId, listed: [first.length, second.length].join(" and ") };
}
