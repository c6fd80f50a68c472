import type { PolicyBook } from "../policy/policy.ts";
import type { SessionDependencies } from "../sessions/dependencies.ts";
import { endedEvent } from "../sessions/end/end-session.ts";
import { livingValues } from "../sessions/living/living.ts";
import { type Lapse, lapseOf, type SessionRow } from "../sessions/session.ts";
import type { BatchResult, BatchWork, CollectionStep } from "./step.ts";
import { createCollectorStore } from "./store.ts";

/** Fewer than there usually are, as a block may have more than usual. */
const ROWS_IN_BLOCK = 8;
const LAPSES = ["Expired", "Inactive"] as const satisfies readonly Lapse[];

/**
 * The steps that mark sessions as ended that have ended by time. A validation refuses these sessions with or without the
 * mark; the mark is for the audit trail, the dashboard and the retention.
 */
export function markingSteps(deps: SessionDependencies): CollectionStep[] {
  const { db, policies, activity, metrics } = deps;

  async function mark({ tx, record }: BatchWork, rows: readonly SessionRow[]): Promise<Omit<BatchResult, "next">> {
    const book = policies.current();
    const store = createCollectorStore(tx, activity);
    const marked: [Lapse, number][] = [];
    for (const reason of LAPSES) {
      const lapsed = new Map(rows.filter((row) => lapseIn(book, row) === reason).map((row) => [row.id, row]));
      const ids = lapsed.size > 0 ? await store.mark([...lapsed.keys()], reason) : [];
      for (const row of ids.flatMap((id) => lapsed.get(id) ?? [])) record(endedEvent(row, reason, { actor: "system" }));
      if (ids.length > 0) marked.push([reason, ids.length]);
    }
    return {
      count: marked.reduce((sum, [, count]) => sum + count, 0),
      committed() {
        for (const [reason, count] of marked) metrics.ended(reason, count);
      },
    };
  }

  return [
    {
      // By the time that was set at login: an index has it, so only these sessions are read.
      name: "mark_expired_sessions",
      async batch(work) {
        const rows = await createCollectorStore(work.tx, activity).expired(work.from, work.size);
        const next = rows.length < work.size ? null : (rows.at(-1)?.position ?? null);
        return { ...(await mark(work, rows)), next };
      },
    },
    {
      // By the policies of today, and by inactivity: no index can have these without a write for each use of a session.
      // So the whole table is read, in the order in which it is stored, over as many rounds as that takes.
      name: "mark_lapsed_sessions",
      mayTakeSecs: 86_400,
      async batch(work) {
        const living = await livingValues(db, deps);
        const store = createCollectorStore(work.tx, activity);
        const first = Number(work.from ?? 0);
        const after = first + Math.ceil(work.size / ROWS_IN_BLOCK);
        const rows = await store.lapsedInBlocks(first, after, living);
        const next = after >= (await store.blocks()) ? null : String(after);
        return { ...(await mark(work, rows)), next };
      },
    },
  ];
}

function lapseIn(book: PolicyBook, row: SessionRow): Lapse | undefined {
  return lapseOf(row, book.policyFor(row.tags));
}
