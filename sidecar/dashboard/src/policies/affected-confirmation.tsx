import type { PolicyPreview } from "../../../src/dashboard/contract/policies.ts";
import { ConfirmationField, isConfirmed } from "../ending/confirmation-field.tsx";

/** How many active sessions an edit ends or refuses. */
export function affectedBy({ ends, refuses }: PolicyPreview): number {
  return ends.count + refuses.count;
}

export function isAffectedConfirmed(preview: PolicyPreview, typed: string): boolean {
  const affected = affectedBy(preview);
  return affected === 0 || isConfirmed(String(affected), typed);
}

interface AffectedConfirmationProps {
  preview: PolicyPreview;
  typed: string;
  onChange: (typed: string) => void;
}

/** The same confirmation as for ending that many sessions; nothing if none is affected. */
export function AffectedConfirmation({ preview, typed, onChange }: AffectedConfirmationProps) {
  const affected = affectedBy(preview);
  return affected === 0 ? null : <ConfirmationField expected={String(affected)} value={typed} onChange={onChange} />;
}
