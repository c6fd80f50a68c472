import type { IntegrationKeyInfo } from "../../../src/dashboard/contract/settings.ts";

type KeyState = IntegrationKeyInfo["state"];

export const KEY_STATES: Readonly<Record<KeyState, { name: string; color: string }>> = {
  active: { name: "Active", color: "teal" },
  expired: { name: "Expired", color: "gray" },
  revoked: { name: "Revoked", color: "red" },
};

/** What a dialog about a key says when the key is gone; undefined while it works. */
export function goneWords(state: KeyState): string | undefined {
  if (state === "active") return undefined;
  return state === "revoked" ? "The key was revoked in the meantime." : "The key has expired in the meantime.";
}
