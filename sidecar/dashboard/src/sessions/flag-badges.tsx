import type { SessionFlag } from "../../../src/dashboard/contract/sessions.ts";
import { Badge } from "./badge.tsx";

export const FLAG_WORDING: Readonly<Record<SessionFlag, { name: string; sentence: string }>> = {
  shared: { name: "Shared", sentence: "Two clients used it in turn: its token may be stolen." },
  anotherBrowser: { name: "Another browser", sentence: "Another browser or system than at the login used it." },
  wrongProof: { name: "Wrong proof", sentence: "A request had a proof that was not of its device." },
};

/** What makes a session suspicious. */
export function FlagBadges({ flags }: { flags: readonly SessionFlag[] }) {
  return flags.map((flag) => (
    <Badge key={flag} color="orange">
      {FLAG_WORDING[flag].name}
    </Badge>
  ));
}
