"use server";

import { safeReturnTo } from "@byo-session/next";
import { redirect } from "next/navigation";
import { byo, requireSession } from "../lib/sessions.ts";

export interface LoginState {
  readonly error?: string;
  /** Logged in, and where to go next. */
  readonly next?: string;
}

/** Your application already checks passwords. */
export async function logIn(_before: LoginState, form: FormData): Promise<LoginState> {
  const name = String(form.get("name") ?? "").trim();
  if (name === "" || name.length > 100) return { error: "Please enter a name of at most 100 characters." };
  await (await byo()).login({ userId: name, rememberDevice: true });
  const next = safeReturnTo(form.get("returnTo"));
  // The page binds the session to the browser's key before it goes on.
  if (form.has("device")) return { next };
  redirect(next);
}

export async function logOut(): Promise<void> {
  await (await byo()).logout();
  redirect("/");
}

const notesOf = new Map<string, string[]>();

export async function addNote(form: FormData): Promise<void> {
  const { userId } = await requireSession();
  notesOf.set(userId, [...(notesOf.get(userId) ?? []), String(form.get("text") ?? "")].slice(-20));
  redirect("/account");
}

export async function readNotes(): Promise<readonly string[]> {
  const { userId } = await requireSession();
  return notesOf.get(userId) ?? [];
}
