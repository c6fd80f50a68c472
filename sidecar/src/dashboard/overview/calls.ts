import { z } from "zod";
import { probe } from "../../engine/db/installation.ts";
import { call, EVERYBODY } from "../call.ts";
import type { Health, Series, TopTags } from "../contract/overview.ts";
import { nothing, time } from "../fields.ts";
import { invalidField } from "../refusal.ts";
import type { SearchContext } from "../search-context.ts";
import type { Counters } from "./counters.ts";
import { GONE_AFTER_MS, type Replica } from "./replica.ts";
import { bucketWidth, seriesOf, totalsOf } from "./series.ts";
import type { SharedCounts } from "./shared-counts.ts";
import { createOverviewStore } from "./store.ts";

export interface OverviewContext extends SearchContext {
  counters: Pick<Counters, "flush">;
  sharedCounts: SharedCounts;
  replica: Pick<Replica, "id">;
  policyDigest: () => string;
}

/** The width of a count in the database. */
const COUNTED_SECS = 300;
const MAX_SECS = 400 * 86_400;

/** What happened over time, and the health of the sidecars. */
export const OVERVIEW_CALLS = {
  /** `from` and `to` in Unix seconds, at most 400 days apart; they decide the width of the buckets. */
  "overview/series": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({ from: time, to: time }),
    async handler({ from, to }, _caller, context: OverviewContext): Promise<Series> {
      if (to <= from || to - from > MAX_SECS) throw invalidField("to", "expected a time after from, within 400 days");
      const { boundedDb, counters, sharedCounts } = context;
      await counters.flush();
      const store = createOverviewStore(boundedDb);
      const bucketSecs = bucketWidth(from, to);
      const first = Math.floor(from / bucketSecs) * bucketSecs;
      const after = Math.ceil(to / bucketSecs) * bucketSecs;
      const beforeFrom = first - (Math.ceil(to / COUNTED_SECS) * COUNTED_SECS - first);
      const [counted, newDevices, flagged, activeNow, countedSince, before] = await Promise.all([
        store.counted(first, after, bucketSecs),
        store.newDevices(first, to, bucketSecs),
        store.flagged(first, to, bucketSecs),
        sharedCounts.active(),
        store.countedSince(),
        store.totals(beforeFrom, first),
      ]);
      const series = seriesOf(
        { fromSecs: from, toSecs: to, bucketSecs },
        [...counted, ...newDevices, ...flagged],
        activeNow,
      );
      // A period from which counts are missing would make everything look like a rise.
      const isKnown = countedSince !== null && countedSince <= beforeFrom;
      return { ...series, before: isKnown ? totalsOf(before) : null };
    },
  }),

  "overview/top-tags": call({
    method: "GET",
    access: EVERYBODY,
    input: nothing,
    async handler(_input, _caller, { sharedCounts }: OverviewContext): Promise<TopTags> {
      const rows = await sharedCounts.topTags();
      return { tags: rows.map(({ tag, sessions }) => ({ tag, sessions })), ofSessions: rows[0]?.ofSessions ?? 0 };
    },
  }),

  "overview/health": call({
    method: "GET",
    access: EVERYBODY,
    input: nothing,
    async handler(_input, _caller, { boundedDb, replica, policyDigest }: OverviewContext): Promise<Health> {
      const start = performance.now();
      await probe(boundedDb);
      const answerMs = Math.round((performance.now() - start) * 10) / 10;
      const store = createOverviewStore(boundedDb);
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
        database: { kind: boundedDb.kind, answerMs, sizeBytes: sizeBytes ?? null },
        jobs,
      };
    },
  }),
};
