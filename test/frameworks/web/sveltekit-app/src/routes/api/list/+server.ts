import { json, type RequestEvent } from "@sveltejs/kit";

export async function GET({ locals }: RequestEvent) {
  return json(await locals.byo.listSessions());
}
