import { affectedBy, type PolicyPreview } from "../../../src/dashboard/contract/policies.ts";
import { ConfirmationField, isConfirmed } from "../ending/confirmation-field.tsx";

export function isAffectedConfirmed(preview: PolicyPreview, typed: string): boolean {
  return affectedBy(preview).count === 0 || isConfirmed(expectedFor(preview), typed);
}

function expectedFor(preview: PolicyPreview): string {
  const { count, isCapped } = affectedBy(preview);
  return isCapped ? `at least ${count}` : String(count);
}

interface AffectedConfirmationProps {
  preview: PolicyPreview;
  typed: string;
  onChange: (typed: string) => void;
}

/** The same confirmation as for ending that many sessions; nothing if none is affected. */
export function AffectedConfirmation({ preview, typed, onChange }: AffectedConfirmationProps) {
  if (affectedBy(preview).count === 0) return null;
  return <ConfirmationField expected={expectedFor(preview)} value={typed} onChange={onChange} />;
}
