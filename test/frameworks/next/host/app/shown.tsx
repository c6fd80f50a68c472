import { Suspense } from "react";

/** Shows in the page, as JSON, what is found out while it is rendered. */
export function Shown({ what }: { what: () => Promise<unknown> }) {
  return (
    <Suspense>
      <Json what={what} />
    </Suspense>
  );
}

async function Json({ what }: { what: () => Promise<unknown> }) {
  return <pre>{btoa(JSON.stringify(await what()))}</pre>;
}
