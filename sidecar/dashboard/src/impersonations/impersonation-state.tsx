import { Badge } from "@mantine/core";
import type { ImpersonationSummary } from "../../../src/dashboard/contract/impersonations.ts";
import { IMPERSONATION_ENDS } from "./end-wording.ts";

/** Shows whether an impersonation lives, or what ended it. */
export function ImpersonationState({ endReason, isRefused }: Pick<ImpersonationSummary, "endReason" | "isRefused">) {
  const { name, color } = endReason
    ? IMPERSONATION_ENDS[endReason]
    : isRefused
      ? { name: "Refused by the configuration", color: "yellow" }
      : { name: "Active", color: "teal" };
  return (
    <Badge variant="light" color={color} tt="none" radius="sm" fw={600}>
      {name}
    </Badge>
  );
}
