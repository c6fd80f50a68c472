import { useSessionStorage } from "@mantine/hooks";
import type { CurrentPolicies } from "../../../src/dashboard/contract/policies.ts";
import { useAccess } from "../access/use-access.ts";
import { mergeTexts } from "./merge-texts.ts";

interface StoredDraft {
  text: string;
  /** The revision that the edit started from, and its text. */
  revision: number;
  base: string;
}

export interface PolicyDraft {
  text: string;
  /** The revision to save over: the one that the person has seen. */
  revision: number;
  isChanged: boolean;
  /** Someone has saved another revision since. */
  isOutdated: boolean;
  change: (text: string) => void;
  discard: () => void;
  /** The person's changes, applied to the policy in force. */
  merged: string;
  /** Continues with that text. */
  rebase: () => void;
}

/**
 * The unsaved edit. It is kept in this tab, so that it survives visiting another page, a login that ends, or a faster
 * colleague.
 */
export function usePolicyDraft(current: CurrentPolicies): PolicyDraft {
  const { me } = useAccess();
  const [stored, setStored, removeStored] = useSessionStorage<StoredDraft | null>({
    key: `policy-draft of ${me.username}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const revision = stored?.revision ?? current.revision;
  const base = stored?.base ?? current.text;
  const text = stored?.text ?? current.text;
  const isOutdated = stored !== null && stored.revision !== current.revision;
  const merged = isOutdated ? mergeTexts(base, text, current.text) : text;
  return {
    text,
    revision,
    isChanged: text !== current.text,
    isOutdated,
    merged,
    change: (changed) =>
      changed === current.text && revision === current.revision
        ? removeStored()
        : setStored({ text: changed, revision, base }),
    discard: removeStored,
    rebase: () => setStored({ text: merged, revision: current.revision, base: current.text }),
  };
}
