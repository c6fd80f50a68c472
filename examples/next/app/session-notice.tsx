"use client";

import { useSession } from "@byo-session/browser/react";
import { explanationOf } from "./explanation.ts";

/** Shows on an open page that its session has ended meanwhile, in another tab or from another device. */
export function SessionNotice() {
  const { reason, error } = useSession();
  if (error) return <p role="status">The service does not answer just now.</p>;
  const explanation = explanationOf(reason);
  if (!explanation) return null;
  return (
    <p role="status">
      {explanation} <a href={`/login?reason=${reason}`}>Log in</a>
    </p>
  );
}
