import type { Queryable, Statement } from "../../engine/db/database.ts";
import { type Deleted, deleteSome, deletionOf } from "../../engine/db/delete-some.ts";
import { NOW } from "../../engine/db/time.ts";
import { type LivingValues, livingSql } from "../../engine/sessions/living/store.ts";
import { FLAG_OF, SUSPICIOUS } from "../flags/store.ts";

export interface CounterRow {
  /** The start of the wider bucket, in Unix seconds. */
  at: number;
  name: string;
  count: number;
}

export interface ReplicaRow {
  id: string;
  version: string;
  startedAt: number;
  seenAt: number;
  policyDigest: string;
  /** Milliseconds since it was seen. */
  silentMs: number;
}

export interface JobRow {
  name: string;
  lastStartedAt: number | null;
  lastSucceededAt: number | null;
  lastError: string | null;
}

const secs = (column: string) => `floor(date_part('epoch', ${column}))`;
const WIDER = (column: string, width: string) =>
  `floor(date_part('epoch', ${column}) / ${width}::float8) * ${width}::float8`;

const ADD: Statement = {
  name: "counters-add",
  text: `INSERT INTO byo.counters AS existing (bucket, name, count)
    SELECT to_timestamp(floor(date_part('epoch', byo.now()) / 300) * 300), name, count
    FROM unnest($1::text[], $2::bigint[]) AS v (name, count) ORDER BY name
    ON CONFLICT (bucket, name) DO UPDATE SET count = existing.count + EXCLUDED.count RETURNING name`,
};
// Everything after the chart is one bucket: otherwise a narrow chart of long ago would have a hundred thousand.
const COUNTED: Statement = {
  name: "counters-read",
  text: `SELECT least(${WIDER("bucket", "$3")}, $2::float8) AS at, name, sum(count)::float8 AS count FROM byo.counters
    WHERE bucket >= to_timestamp($1::float8) GROUP BY 1, 2`,
};
const TOTALS: Statement = {
  name: "counters-totals",
  text: `SELECT name, sum(count)::float8 AS count FROM byo.counters
    WHERE bucket >= to_timestamp($1::float8) AND bucket < to_timestamp($2::float8) GROUP BY name
    UNION ALL SELECT 'newDevice', count(*)::float8 FROM byo.audit_events
    WHERE details @> '{"newDeviceDetected": true}' AND time >= to_timestamp($1::float8) AND time < to_timestamp($2::float8)`,
};
const COUNTED_SINCE: Statement = {
  name: "counters-since",
  text: `SELECT ${secs("min(bucket)")} AS since FROM byo.counters`,
};
const NEW_DEVICES: Statement = {
  name: "counters-new-devices",
  text: `SELECT ${WIDER("time", "$3")} AS at, 'newDevice' AS name, count(*)::float8 AS count FROM byo.audit_events
    WHERE details @> '{"newDeviceDetected": true}' AND time >= to_timestamp($1::float8) AND time < to_timestamp($2::float8)
    GROUP BY 1`,
};
const FLAGGED: Statement = {
  name: "counters-flagged",
  text: `SELECT ${WIDER("time", "$3")} AS at, 'flagged:' || ${FLAG_OF} AS name, sum(count)::float8 AS count
    FROM byo.audit_events
    WHERE ${SUSPICIOUS} AND time >= to_timestamp($1::float8) AND time < to_timestamp($2::float8) GROUP BY 1, 2`,
};
const ACTIVE: Statement = {
  name: "overview-active",
  text: `SELECT count(*)::float8 AS count FROM (SELECT FROM byo.sessions WHERE ${livingSql(2)} LIMIT $1) AS capped`,
};
/** The estimate of the last ANALYZE: counting many millions would take too long. */
const ACTIVE_ESTIMATE: Statement = {
  name: "overview-active-estimate",
  text: `SELECT greatest(reltuples, 0)::float8 AS count FROM pg_class WHERE oid = 'byo.sessions_active'::regclass`,
};
const TOP_TAGS: Statement = {
  name: "overview-top-tags",
  text: `WITH newest AS (
      SELECT tags FROM byo.sessions WHERE ${livingSql(3)} ORDER BY created_at DESC, id DESC LIMIT $1
    )
    SELECT tag, count(*)::float8 AS sessions, (SELECT count(*) FROM newest)::float8 AS "ofSessions"
    FROM newest, unnest(tags) AS tag GROUP BY tag ORDER BY sessions DESC, tag LIMIT $2`,
};
const SIZE: Statement = { name: "overview-size", text: "SELECT pg_database_size(current_database())::float8 AS bytes" };
const BEAT: Statement = {
  name: "replica-beat",
  text: `INSERT INTO byo.replicas (id, version, started_at, seen_at, policy_digest) VALUES ($1, $2, byo.now(), byo.now(), $3)
    ON CONFLICT (id) DO UPDATE SET seen_at = EXCLUDED.seen_at, policy_digest = EXCLUDED.policy_digest RETURNING id`,
};
const LEAVE: Statement = { name: "replica-leave", text: "DELETE FROM byo.replicas WHERE id = $1 RETURNING id" };
const REPLICAS: Statement = {
  name: "replicas",
  text: `SELECT id, version, ${secs("started_at")} AS "startedAt", ${secs("seen_at")} AS "seenAt",
    policy_digest AS "policyDigest", date_part('epoch', byo.now() - seen_at) * 1000 AS "silentMs"
    FROM byo.replicas ORDER BY started_at, id LIMIT 200`,
};
const JOB_STARTED: Statement = {
  name: "job-started",
  text: `INSERT INTO byo.jobs (name, last_started_at) VALUES ($1, byo.now())
    ON CONFLICT (name) DO UPDATE SET last_started_at = EXCLUDED.last_started_at RETURNING name`,
};
const JOB_ENDED: Statement = {
  name: "job-ended",
  text: `UPDATE byo.jobs SET last_error = $2,
    last_succeeded_at = CASE WHEN $2::text IS NULL THEN byo.now() ELSE last_succeeded_at END WHERE name = $1 RETURNING name`,
};
const JOBS: Statement = {
  name: "jobs",
  text: `SELECT name, ${secs("last_started_at")} AS "lastStartedAt", ${secs("last_succeeded_at")} AS "lastSucceededAt",
    last_error AS "lastError" FROM byo.jobs ORDER BY name`,
};
const FORGET_REPLICAS = deletionOf("replicas-forget", {
  table: "byo.replicas",
  column: "seen_at",
  upTo: `${NOW} - interval '1 day'`,
});
const FORGET_COUNTERS = deletionOf("counters-forget", {
  table: "byo.counters",
  column: "bucket",
  upTo: `${NOW} - interval '400 days'`,
});

export interface TopTagRow {
  tag: string;
  sessions: number;
  ofSessions: number;
}

export interface OverviewStore {
  add(counts: ReadonlyMap<string, number>): Promise<void>;
  /** In buckets of this width; the last one, from `afterSecs`, contains everything until now. */
  counted(fromSecs: number, afterSecs: number, bucketSecs: number): Promise<CounterRow[]>;
  /** How often each thing happened between these times. */
  totals(fromSecs: number, toSecs: number): Promise<Omit<CounterRow, "at">[]>;
  /** When the oldest count that is kept was counted; null without any. */
  countedSince(): Promise<number | null>;
  newDevices(fromSecs: number, toSecs: number, bucketSecs: number): Promise<CounterRow[]>;
  /** What made sessions suspicious. */
  flagged(fromSecs: number, toSecs: number, bucketSecs: number): Promise<CounterRow[]>;
  /** Above the limit this is an estimate. */
  active(living: LivingValues, limit: number): Promise<number>;
  topTags(living: LivingValues, sessions: number, tags: number): Promise<TopTagRow[]>;
  sizeBytes(): Promise<number | undefined>;
  beat(id: string, version: string, policyDigest: string): Promise<void>;
  leave(id: string): Promise<void>;
  replicas(): Promise<ReplicaRow[]>;
  jobStarted(name: string): Promise<void>;
  jobEnded(name: string, error: string | undefined): Promise<void>;
  jobs(): Promise<JobRow[]>;
  forgetReplicas(from: string | null, limit: number): Promise<Deleted>;
  forgetCounters(from: string | null, limit: number): Promise<Deleted>;
}

export function createOverviewStore(db: Queryable): OverviewStore {
  const run = async (statement: Statement, ...values: unknown[]) => void (await db.query(statement, values));
  const count = async (statement: Statement, ...values: unknown[]) =>
    (await db.query<{ count: number }>(statement, values))[0]?.count ?? 0;
  return {
    add: (counts) => run(ADD, [...counts.keys()], [...counts.values()]),
    counted: (...values) => db.query<CounterRow>(COUNTED, values),
    totals: (...values) => db.query<Omit<CounterRow, "at">>(TOTALS, values),
    countedSince: async () => (await db.query<{ since: number | null }>(COUNTED_SINCE))[0]?.since ?? null,
    newDevices: (fromSecs, toSecs, bucketSecs) => db.query<CounterRow>(NEW_DEVICES, [fromSecs, toSecs, bucketSecs]),
    flagged: (fromSecs, toSecs, bucketSecs) => db.query<CounterRow>(FLAGGED, [fromSecs, toSecs, bucketSecs]),
    async active(living, limit) {
      const counted = await count(ACTIVE, limit + 1, ...living);
      return counted <= limit ? counted : Math.max(limit, await count(ACTIVE_ESTIMATE));
    },
    topTags: (living, sessions, tags) => db.query(TOP_TAGS, [sessions, tags, ...living]),
    sizeBytes: async () => (await db.query<{ bytes: number }>(SIZE))[0]?.bytes,
    beat: (...values) => run(BEAT, ...values),
    leave: (id) => run(LEAVE, id),
    replicas: () => db.query<ReplicaRow>(REPLICAS),
    jobStarted: (name) => run(JOB_STARTED, name),
    jobEnded: (name, error) => run(JOB_ENDED, name, error ?? null),
    jobs: () => db.query<JobRow>(JOBS),
    forgetReplicas: (from, limit) => deleteSome(db, FORGET_REPLICAS, from, limit),
    forgetCounters: (from, limit) => deleteSome(db, FORGET_COUNTERS, from, limit),
  };
}
