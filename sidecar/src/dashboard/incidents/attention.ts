import type { Database } from "../../engine/db/database.ts";
import { createSnapshot } from "../../engine/keys/snapshot.ts";
import type { Attention, AttentionItem, CountedName } from "../contract/incidents.ts";
import { END_REASONS } from "../contract/sessions.ts";
import { type AttentionStore, createAttentionStore, type HourRow } from "./attention-store.ts";

/** Fewer say nothing: a service at night has one logout, then three. */
const MIN_COUNT = 10;
/** How many times the hour before. */
const SPIKE = 3;
const MIN_USERS = 5;
const MIN_DEVICES = 5;
const HOUR_SECS = 3_600;
const BUCKET_SECS = 300;
const DAY_SECS = 86_400;

/** In the order of their urgency. */
const COUNTED: readonly CountedName[] = [
  "ended:TokenReused",
  "refused",
  "challenged",
  "newDevice",
  ...END_REASONS.filter((reason) => reason !== "TokenReused").map((reason) => `ended:${reason}` as const),
  "created",
];

/** All viewers share what was found, because it is on everyone's first page. */
const MAX_AGE_MS = 5_000;

export function sharedAttention(boundedDb: Database): () => Promise<Attention> {
  const store = createAttentionStore(boundedDb);
  return createSnapshot({
    read: async () => ({ items: await needsAttention(store) }),
    maxAgeMs: MAX_AGE_MS,
    nowMs: () => performance.now(),
  });
}

/** What a person should look at, the most urgent first. */
async function needsAttention(store: AttentionStore): Promise<AttentionItem[]> {
  // The sessions of this second, too.
  const to = Math.floor(await store.now()) + 1;
  // The counts come in buckets, and the list behind them must have the same ones.
  const from = Math.ceil((to - HOUR_SECS) / BUCKET_SECS) * BUCKET_SECS;
  const [hours, flagged, reused, refusedFrom, newDevices] = await Promise.all([
    store.hours(from),
    store.flagged(),
    store.reused(),
    store.refusedFrom(MIN_USERS),
    store.newDevices(MIN_DEVICES),
  ]);
  return [
    ...(reused > 0 ? [{ kind: "reuse", sessions: reused, from: to - DAY_SECS, to } as const] : []),
    ...flagged.map((row) => ({ kind: "flagged", ...row }) as const),
    ...refusedFrom.map((row) => ({ kind: "refusals", ...row }) as const),
    ...newDevices.map((row) => ({ kind: "newDevices", ...row }) as const),
    ...spikesOf(hours, { from, to }),
  ];
}

/** What happened much more often than in the hour before. */
function spikesOf(hours: readonly HourRow[], window: { from: number; to: number }): AttentionItem[] {
  return COUNTED.flatMap((name) => {
    const { count, before } = hours.find((row) => row.name === name) ?? { count: 0, before: 0 };
    const isSpike = count >= MIN_COUNT && count >= SPIKE * before;
    return isSpike ? [{ kind: "spike", name, count, before, ...window } as const] : [];
  });
}
