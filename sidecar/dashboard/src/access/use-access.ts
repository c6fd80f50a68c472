import { createContext, useContext } from "react";
import type { AccessState, Me } from "../../../src/dashboard/contract/access.ts";
import { type CallName, mayCall } from "../../../src/dashboard/contract/calls.ts";

/** Set for everything that is shown to a person who is logged in. */
export const AccessContext = createContext<(AccessState & { me: Me }) | null>(null);

export function useAccess(): AccessState & { me: Me } {
  const access = useContext(AccessContext);
  if (!access) throw new Error("useAccess is for pages behind the log-in");
  return access;
}

/** Whether the person may make a call; what he may not do is not offered. */
export function useMay(): (call: CallName) => boolean {
  const { role } = useAccess().me;
  return (call) => mayCall(call, role);
}
