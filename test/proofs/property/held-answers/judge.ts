import type { VirtualDatabase } from "./database.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The promise: served for at most so long after the commit of a change. */
const LIMIT_MS = 1000;

export interface Violation {
  readonly promise: "served late" | "served past its time" | "served after its own change";
  readonly ms: number;
}

/** Knows the truth, and compares with it every answer that is served without asking. */
export interface Judge {
  served(process: string, sessionId: string, version: number, askedAtMs: number): void;
  /**
   * A change that this process has asked for has been answered, when the session had this version: what was asked for
   * before counts no more. A replica that is asked afterwards may not have heard of the change, if another one made it.
   */
  changed(process: string, sessionId: string, version: number): void;
  readonly violations: readonly Violation[];
  readonly servedCount: number;
  /** Of what was served although it had changed: how long ago at most. */
  readonly latestMs: number;
  /** How often. */
  readonly stale: number;
}

/** `untilMs`: when rotation is due or the session ends by itself, by the time of the history. */
export function createJudge(
  time: VirtualTime,
  database: Pick<VirtualDatabase, "commits">,
  untilMs: ReadonlyMap<string, number>,
): Judge {
  const violations: Violation[] = [];
  const own = new Map<string, { version: number; atMs: number }>();
  let served = 0;
  let latestMs = 0;
  let stale = 0;

  return {
    violations,
    get servedCount() {
      return served;
    },
    get latestMs() {
      return latestMs;
    },
    get stale() {
      return stale;
    },
    changed(process, sessionId, version) {
      own.set(`${process} ${sessionId}`, { version, atMs: time.nowMs });
    },
    served(process, sessionId, version, askedAtMs) {
      served++;
      const over = time.nowMs - (untilMs.get(sessionId) ?? Number.POSITIVE_INFINITY);
      if (over > 0) violations.push({ promise: "served past its time", ms: over });
      const changed = own.get(`${process} ${sessionId}`);
      if (changed && version < changed.version && askedAtMs < changed.atMs) {
        violations.push({ promise: "served after its own change", ms: 0 });
      }
      const missed = database.commits.find((commit) => commit.sessionId === sessionId && commit.version > version);
      if (!missed) return;
      const lateMs = time.nowMs - missed.atMs;
      stale++;
      latestMs = Math.max(latestMs, lateMs);
      if (lateMs > LIMIT_MS) violations.push({ promise: "served late", ms: lateMs });
    },
  };
}
