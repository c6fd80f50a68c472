"use server";

import { redirect } from "next/navigation";
import { requireSession } from "../lib/sessions.ts";

const changes: string[] = [];

/** An action that guards itself. */
export async function change(form: FormData): Promise<void> {
  const { userId } = await requireSession();
  changes.push(`${form.get("text")} by ${userId}`);
  redirect("/changes");
}

export async function listChanges(): Promise<readonly string[]> {
  return changes;
}
