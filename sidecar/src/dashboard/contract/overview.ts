import type { EndReason } from "./sessions.ts";

export interface Series {
  bucketSecs: number;
  /** The start of each bucket; all lists below have the same length. */
  buckets: number[];
  logins: number[];
  /** At the end of each bucket. */
  active: number[];
  ends: Partial<Record<EndReason, number[]>>;
  refusals: number[];
  challenges: number[];
  rotations: number[];
  newDevices: number[];
  activeNow: number;
  /** The period before, just as long. Null: the counts do not reach back so far. */
  before: Totals | null;
}

/** How often each thing happened in a period. */
export interface Totals {
  logins: number;
  ends: Partial<Record<EndReason, number>>;
  refusals: number;
  challenges: number;
  rotations: number;
  newDevices: number;
}

/** The answer of `overview/top-tags`. */
export interface TopTags {
  tags: { tag: string; sessions: number }[];
  /** How many of the newest active sessions were counted. */
  ofSessions: number;
}

/** The answer of `overview/health`. */
export interface Health {
  replicas: ReplicaHealth[];
  database: { kind: "postgres" | "embedded"; answerMs: number | null; sizeBytes: number | null };
  jobs: JobHealth[];
}

export interface ReplicaHealth {
  id: string;
  version: string;
  startedAt: number;
  seenAt: number;
  /** `gone`: it stopped reporting without a clean shutdown. */
  state: "up" | "gone";
  isThisOne: boolean;
  /** Identifies the policy in force; a replica whose policy differs from this replica's is marked `differs`. */
  policyDigest: string;
  differs: boolean;
}

export interface JobHealth {
  name: string;
  lastStartedAt: number | null;
  lastSucceededAt: number | null;
  lastError: string | null;
}
