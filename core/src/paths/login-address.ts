import type { RefusalReason } from "../answers/reasons.ts";
import { type Addressed, publicFormOf } from "./paths.ts";

/** It includes the reason, so that the login page can explain it: by then the cookie of the ended session is gone. */
export function loginAddress(addressed: Addressed, loginUrl: string, returnTo: string, reason: RefusalReason): string {
  const parameters = new URLSearchParams({ returnTo });
  if (reason !== "NoSession") parameters.set("reason", reason);
  return `${publicFormOf(addressed, loginUrl)}${loginUrl.includes("?") ? "&" : "?"}${parameters}`;
}
