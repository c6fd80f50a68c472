"use client";

import { initFetchWithDevice, registerDevice } from "@byo-session/browser";
import { useActionState, useEffect } from "react";
import { logIn } from "../actions.ts";

export function LoginForm({ returnTo }: { returnTo: string }) {
  const [{ error, next }, action, isPending] = useActionState(logIn, {});
  useEffect(() => {
    if (!next) return;
    // An action carries no proof, so the device is registered right after it.
    initFetchWithDevice();
    void registerDevice().then(() => location.assign(next));
  }, [next]);
  return (
    <form action={action}>
      {error && <p role="alert">{error}</p>}
      <input type="hidden" name="returnTo" value={returnTo} />
      <label>
        Name <input name="name" required maxLength={100} autoComplete="username" />
      </label>{" "}
      <label>
        <input type="checkbox" name="device" value="yes" /> Bind the session to this browser's key
      </label>{" "}
      <button type="submit" disabled={isPending}>
        Log in
      </button>
    </form>
  );
}
