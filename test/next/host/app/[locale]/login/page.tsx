import { safeReturnTo } from "@byo-session/next";
import { redirect } from "next/navigation";
import { Suspense } from "react";
import { byo } from "../../../lib/sessions.ts";

type Given = Promise<Record<string, string | undefined>>;

async function logIn(form: FormData) {
  "use server";
  await (await byo()).login({ userId: String(form.get("name")) });
  redirect(safeReturnTo(form.get("returnTo")));
}

async function Form({ given }: { given: Given }) {
  const { returnTo, reason } = await given;
  return (
    <form action={logIn}>
      <p id="reason">{reason}</p>
      <input type="hidden" name="returnTo" value={returnTo} />
      <input name="name" aria-label="Name" />
      <button type="submit">Log in</button>
    </form>
  );
}

export default function Login({ searchParams }: { searchParams: Given }) {
  return (
    <main>
      <h1>Log in</h1>
      <Suspense>
        <Form given={searchParams} />
      </Suspense>
    </main>
  );
}
