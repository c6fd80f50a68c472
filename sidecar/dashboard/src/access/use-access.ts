import { createContext, useContext } from "react";
import type { AccessState, Me } from "../../../src/dashboard/contract/access.ts";
import type { CallName } from "../api/calls.ts";

/** Set on all pages that need a login. */
export const AccessContext = createContext<(AccessState & { me: Me }) | null>(null);

export function useAccess(): AccessState & { me: Me } {
  const access = useContext(AccessContext);
  if (!access) throw new Error("useAccess works only on pages that need a login");
  return access;
}

/** Whether the person may make a call; pages hide what is not allowed. */
export function useMay(): (call: CallName) => boolean {
  const { calls } = useAccess().me;
  return (call) => calls.includes(call);
}
