import { readSessionConfig } from "../../engine/config/session-config.ts";
import type { Queryable } from "../../engine/db/database.ts";
import { readClock } from "../../engine/db/installation.ts";
import type { LivePolicies } from "../../engine/policy/live-policies.ts";
import { policyBookOf } from "../../engine/policy/policy.ts";
import type { SessionConfig } from "../../engine/policy/values.ts";
import { endByTime, type Lapse, type TimedSession } from "../../engine/sessions/session.ts";
import type { FollowedEdits } from "./edits.ts";

/** A policy and the time from which it was in force here. */
export interface PolicyEra {
  readonly config: SessionConfig;
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly since: number;
}

export interface PolicyHistory {
  /**
   * When and why a session that is not marked yet has ended by time: a shorter lifetime ends a session when it takes
   * effect, not earlier.
   */
  lapse(row: TimedSession & { tags: readonly string[] }): { at: number; reason: Lapse };
  /** The policy in force at this time; undefined if it is not known any more. */
  at(ms: number): PolicyEra | undefined;
  /** Since when this replica has followed every change, in milliseconds since 1970. */
  readonly startedAt: number;
}

/** Sessions past their end are marked within minutes, so older policies do not matter here. */
const MAX_ERAS = 10;

/** Follows which policy was in force when, since the edit before this replica's start. */
export function followPolicyHistory(
  policies: LivePolicies,
  edits: FollowedEdits | undefined,
  db: Queryable,
): PolicyHistory {
  const startedAt = Date.now();
  const revisionNow = () => edits?.current()?.revision ?? 0;
  const edit = edits?.current();
  const before = edit && configOf(edit.textBefore);
  let eras: PolicyEra[] = [
    ...(edit && before ? [{ config: before, revision: edit.revision - 1, since: Number.NEGATIVE_INFINITY }] : []),
    { config: policies.config(), revision: revisionNow(), since: (edit?.createdAt ?? Number.NEGATIVE_INFINITY) * 1000 },
  ];

  policies.onChange(() => {
    const isEdit = revisionNow() !== eras.at(-1)?.revision;
    const since = isEdit ? (edits?.current()?.createdAt ?? 0) * 1000 : Date.now();
    const era = { config: policies.config(), revision: revisionNow(), since };
    eras = [...eras, era].slice(-MAX_ERAS);
    // A change of the file: its time is the database's as soon as that is known.
    if (!isEdit)
      void readClock(db).then(
        (now) => Object.assign(era, { since: now }),
        () => {},
      );
  });

  return {
    lapse(row) {
      for (const [index, era] of eras.entries()) {
        const end = endByTime(row, policyBookOf(era.config).policyFor(row.tags));
        const at = Math.max(end.at, era.since);
        const until = eras[index + 1]?.since ?? Number.POSITIVE_INFINITY;
        if (at < until) return { at: Math.max(at, row.lastActivityAt), reason: end.reason };
      }
      return endByTime(row, policies.current().policyFor(row.tags));
    },
    startedAt,
    at: (ms) => eras.findLast(({ since }) => since <= ms),
  };
}

/** Undefined for a text that this version does not accept any more. */
function configOf(text: string): SessionConfig | undefined {
  try {
    return readSessionConfig(text).config;
  } catch {
    return undefined;
  }
}
