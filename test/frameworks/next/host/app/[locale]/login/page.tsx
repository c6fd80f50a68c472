import { Suspense } from "react";

type Given = Promise<Record<string, string | undefined>>;

async function Form({ given }: { given: Given }) {
  const { returnTo, reason } = await given;
  return (
    <form action="/api/enter" method="post">
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
