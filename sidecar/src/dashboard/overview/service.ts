import type { Database } from "../../engine/db/database.ts";
import { probe } from "../../engine/db/installation.ts";
import { createSnapshot } from "../../engine/keys/snapshot.ts";
import type { SessionDependencies } from "../../engine/sessions/dependencies.ts";
import { livingValues } from "../../engine/sessions/living/living.ts";
import type { Handlers } from "../handlers.ts";
import { invalidField } from "../refusal.ts";
import type { Counters } from "./counters.ts";
import { GONE_AFTER_MS, type Replica } from "./replica.ts";
import { bucketWidth, seriesOf } from "./series.ts";
import { createOverviewStore } from "./store.ts";

interface OverviewDependencies {
  db: Database;
  sessions: Pick<SessionDependencies, "policies" | "activity">;
  counters: Pick<Counters, "flush">;
  replica: Pick<Replica, "id">;
  policyDigest: () => string;
}

const MAX_SECS = 400 * 86_400;
const MAX_COUNTED = 1_000_000;
/** Counting a million rows takes a tenth of a second, so all viewers share one count. */
const ACTIVE_MAX_AGE_MS = 10_000;
const TAGS_OF_SESSIONS = 10_000;
const TOP_TAGS = 20;

/** What happened over time, and the health of the sidecars. */
export function createOverviewCalls({
  db,
  sessions,
  counters,
  replica,
  policyDigest,
}: OverviewDependencies): Handlers<"overview"> {
  const store = createOverviewStore(db);
  const nowMs = () => performance.now();
  const living = () => livingValues(db, sessions);
  const active = createSnapshot({
    read: async () => store.active(await living(), MAX_COUNTED),
    maxAgeMs: ACTIVE_MAX_AGE_MS,
    nowMs,
  });
  const topTags = createSnapshot({
    read: async () => store.topTags(await living(), TAGS_OF_SESSIONS, TOP_TAGS),
    maxAgeMs: ACTIVE_MAX_AGE_MS,
    nowMs,
  });

  return {
    async "overview/series"({ from, to }) {
      if (to <= from || to - from > MAX_SECS) throw invalidField("to", "expected a time after from, within 400 days");
      await counters.flush();
      const bucketSecs = bucketWidth(from, to);
      const first = Math.floor(from / bucketSecs) * bucketSecs;
      const after = Math.ceil(to / bucketSecs) * bucketSecs;
      const [counted, newDevices, activeNow] = await Promise.all([
        store.counted(first, after, bucketSecs),
        store.newDevices(first, to, bucketSecs),
        active(),
      ]);
      return seriesOf({ fromSecs: from, toSecs: to, bucketSecs }, [...counted, ...newDevices], activeNow);
    },

    async "overview/top-tags"() {
      const rows = await topTags();
      return { tags: rows.map(({ tag, sessions }) => ({ tag, sessions })), ofSessions: rows[0]?.ofSessions ?? 0 };
    },

    async "overview/health"() {
      const start = performance.now();
      await probe(db);
      const answerMs = Math.round((performance.now() - start) * 10) / 10;
      const [replicas, jobs, sizeBytes] = await Promise.all([store.replicas(), store.jobs(), store.sizeBytes()]);
      const digest = policyDigest();
      return {
        replicas: replicas.map(({ silentMs, ...row }) => ({
          ...row,
          state: silentMs > GONE_AFTER_MS ? "gone" : "up",
          isThisOne: row.id === replica.id,
          // This replica's own report may be two seconds old.
          differs: row.id !== replica.id && row.policyDigest !== digest,
        })),
        database: { kind: db.kind, answerMs, sizeBytes: sizeBytes ?? null },
        jobs,
      };
    },
  };
}
