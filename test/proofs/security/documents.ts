import type { WrittenPart } from "./written-part.ts";

export const ATTACKS_PART: WrittenPart = {
  document: "docs/security.md",
  start: "<!-- attacks: written by test/proofs/security/write-attacks.ts -->",
  end: "<!-- end of the attacks -->",
};

export const CHECKLIST_PART: WrittenPart = {
  document: "docs/results/security-checklist.md",
  start: "<!-- checklist: written by test/proofs/security/write-checklist.ts -->",
  end: "<!-- end of the checklist -->",
};
