import type { EndReason, SessionDevice, SessionFlag, SessionSummary } from "./sessions.ts";

/** The answer of `incidents/attention`, the most urgent first. */
export interface Attention {
  items: AttentionItem[];
}

/** What is compared with the hour before. */
export type CountedName = "created" | "refused" | "challenged" | "newDevice" | `ended:${EndReason}`;

export type AttentionItem =
  /** Much more of it in the last hour than in the hour before. Times are Unix seconds. */
  | { kind: "spike"; name: CountedName; count: number; before: number; from: number; to: number }
  /** Active sessions that got this flag within a day. */
  | { kind: "flagged"; flag: SessionFlag; sessions: number }
  /** Sessions that ended within a day because a replaced token was used again. */
  | { kind: "reuse"; sessions: number; from: number; to: number }
  /** An address from which requests or logins of many users were refused within a day. */
  | { kind: "refusals"; ipAddress: string; users: number; refusals: number }
  /** A user who bound unusually many new devices within a day. */
  | { kind: "newDevices"; userId: string; devices: number };

/** The answer of `incidents/sessions`: the newest login first. */
export interface IncidentPage {
  items: IncidentSession[];
  next: string | null;
}

export interface IncidentSession extends SessionSummary {
  /** Everyone who used the session or tried to, those of the incident first. */
  clients: IncidentClient[];
}

/** One address with one browser, in one session. */
export interface IncidentClient {
  ipAddress: string | null;
  device: SessionDevice;
  firstSeenAt: number;
  lastSeenAt: number;
  /** Whether the incident is about this address or device. */
  isSubject: boolean;
  /** Who this probably is; `unclear` if nothing speaks for one or the other. */
  role: "owner" | "intruder" | "unclear";
  /** What speaks for it. */
  evidence: Evidence[];
}

export interface Evidence {
  kind:
    | "loggedIn"
    | "loginBrowser"
    | "knownAddress"
    | "knownBrowser"
    | "newToUser"
    | "otherBrowser"
    | "otherAddress"
    | "flagged"
    | "tookTurns"
    | "refused"
    | "wrongProof"
    | "oldToken"
    | "manyUsers";
  /** How many sessions, requests or users. */
  count: number;
}
