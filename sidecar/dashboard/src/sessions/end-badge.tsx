import type { EndReason } from "../../../src/dashboard/contract/sessions.ts";
import { Badge } from "./badge.tsx";
import { END_WORDING, type Wording } from "./end-reasons.ts";

/** Shows whether a session lives, or what ended it. */
export function EndBadge({ endReason, isSuspicious }: { endReason: EndReason | null; isSuspicious: boolean }) {
  const active: Pick<Wording, "name" | "color"> = { name: "Active", color: isSuspicious ? "orange" : "teal" };
  const { name, color } = endReason ? END_WORDING[endReason] : active;
  return <Badge color={color}>{name}</Badge>;
}
