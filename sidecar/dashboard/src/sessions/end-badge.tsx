import { Badge } from "@mantine/core";
import type { EndReason } from "../../../src/dashboard/contract/sessions.ts";
import { END_WORDING } from "./end-reasons.ts";

/** Shows whether a session lives, or what ended it. */
export function EndBadge({ endReason, isSuspicious }: { endReason: EndReason | null; isSuspicious: boolean }) {
  const active = { name: "Active", color: isSuspicious ? "orange" : "teal" };
  const { name, color } = endReason ? END_WORDING[endReason] : active;
  return (
    <Badge variant="light" color={color} tt="none" radius="sm" fw={600}>
      {name}
    </Badge>
  );
}
