import type { Evidence, IncidentClient } from "../../../src/dashboard/contract/incidents.ts";
import { countOf } from "../format/count.ts";

/** The sentence of each kind of evidence. */
export const EVIDENCE_WORDS: Readonly<Record<Evidence["kind"], (count: number) => string>> = {
  loggedIn: () => "Logged in to this session.",
  loginBrowser: () => "Has the browser and system of the login.",
  knownAddress: (count) => `The user also logged in from this address to ${countOf(count, "other session")}.`,
  knownBrowser: (count) => `The user also logged in with this browser to ${countOf(count, "other session")}.`,
  newToUser: () => "No other login of the user has this address or this browser.",
  otherBrowser: () => "Has another browser or system than the login.",
  otherAddress: () => "Has another address than the login.",
  flagged: (count) => `${countOf(count, "request")} came with another browser than the login's.`,
  tookTurns: () => "Took turns with another client.",
  refused: (count) => `${countOf(count, "request")} broke a rule of the policy.`,
  wrongProof: (count) => `${countOf(count, "request")} had a proof of another device.`,
  oldToken: () => "Used a token that had been replaced.",
  manyUsers: (count) => `This address touched the sessions of ${countOf(count, "user")}.`,
};

export const ROLE_WORDS: Readonly<Record<IncidentClient["role"], { name: string; color: string }>> = {
  owner: { name: "Probably the owner", color: "teal" },
  intruder: { name: "Probably the intruder", color: "red" },
  unclear: { name: "Not clear", color: "gray" },
};
