import { connection } from "next/server";
import { seen } from "../../../lib/seen.ts";

export async function GET(): Promise<Response> {
  await connection();
  return Response.json(seen.splice(0));
}
