import type { EndReason } from "../../../src/dashboard/contract/sessions.ts";
import type { BadgeColor } from "./badge.tsx";

export interface Wording {
  /** For badges and filters. */
  name: string;
  /** Why, in one sentence, for someone who has a user on the phone. */
  sentence: string;
  color: BadgeColor;
}

export const END_WORDING: Readonly<Record<EndReason, Wording>> = {
  LoggedOut: { name: "Logged out", sentence: "The user logged out.", color: "gray" },
  Revoked: {
    name: "Ended by someone",
    sentence: "The app, an operator, or the user on another device ended it.",
    color: "violet",
  },
  Expired: { name: "Expired", sentence: "It reached the end of its lifetime.", color: "gray" },
  Inactive: { name: "Inactive", sentence: "It was unused for too long.", color: "gray" },
  SessionLimit: {
    name: "Session limit",
    sentence: "The user logged in elsewhere and had too many sessions.",
    color: "yellow",
  },
  IpAddressChanged: { name: "Address changed", sentence: "It was used from another IP address.", color: "orange" },
  UserAgentChanged: { name: "Browser changed", sentence: "It was used by another browser or system.", color: "orange" },
  TokenReused: { name: "Token reused", sentence: "An old copy of its token was used: possibly stolen.", color: "red" },
};
