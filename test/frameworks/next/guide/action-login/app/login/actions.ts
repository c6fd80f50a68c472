"use server";

import { safeReturnTo } from "@byo-session/next";
import { redirect } from "next/navigation";
import { byo } from "../../lib/sessions";

export async function logIn(form: FormData): Promise<void> {
  await (await byo()).login({ userId: String(form.get("name")) });
  redirect(safeReturnTo(form.get("returnTo")));
}
