import type { Span } from "@opentelemetry/api";
import { activeSpans, withSpans } from "../requests/active-spans.ts";
import { outsideRequests } from "../requests/request.ts";

export interface BatchOptions<Item, Result> {
  /** Runs the items together and returns their results in the same order. A throw fails all of them. */
  run: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** How many statements run at once. Further items wait and make the next statement larger. */
  maxRunning: number;
  /**
   * For this long a running statement has no other beside it, in milliseconds: a statement costs much more than an item
   * in it. After this time it counts as stuck, and others pass it. Default: 0, others do not wait for it.
   */
  aloneForMs?: number;
  /** The largest number of items in one statement. */
  maxItems: number;
}

/**
 * Twice as many items are split into two statements: while the database works on one, this process and its clients work
 * on the other, instead of waiting for each other. For fewer items a second round trip costs more than that saves.
 */
const WORTH_A_STATEMENT = 12;

/**
 * Gathers the items of one turn of the event loop, from all connections, into few statements: a round trip to the
 * database costs more than a row.
 */
export function createBatch<Item, Result>({
  run,
  maxRunning,
  aloneForMs = 0,
  maxItems,
}: BatchOptions<Item, Result>): (item: Item) => Promise<Result> {
  interface Asked {
    item: Item;
    /** What the item is a part of. */
    spans: readonly Span[];
    resolve: (result: Result) => void;
    reject: (error: unknown) => void;
  }
  const waiting: Asked[] = [];
  let running = 0;
  /** The batch that has no other beside it. */
  let alone: readonly Asked[] | undefined;
  let isScheduled = false;

  /** Waits for the turn's input: setImmediate runs after every readable socket has been read. */
  function schedule(): void {
    if (isScheduled || alone || running >= maxRunning || waiting.length === 0) return;
    isScheduled = true;
    setImmediate(start);
  }

  function start(): void {
    isScheduled = false;
    const mayRun = aloneForMs > 0 ? 1 : maxRunning - running;
    const shares = Math.min(mayRun, Math.floor(waiting.length / WORTH_A_STATEMENT)) || 1;
    const batch = waiting.splice(0, Math.min(maxItems, Math.ceil(waiting.length / shares)));
    running++;
    void carryOut(batch, letOthersWait(batch));
    schedule();
  }

  /** The returned function ends it early. */
  function letOthersWait(batch: readonly Asked[]): () => void {
    if (aloneForMs === 0) return () => {};
    alone = batch;
    const end = () => {
      if (alone === batch) alone = undefined;
    };
    const timer = setTimeout(() => {
      end();
      schedule();
    }, aloneForMs);
    return () => {
      clearTimeout(timer);
      end();
    };
  }

  async function carryOut(batch: readonly Asked[], endWait: () => void): Promise<void> {
    try {
      const items = batch.map(({ item }) => item);
      const spans = batch.flatMap((asked) => asked.spans);
      const results = await outsideRequests(() => withSpans(spans, () => run(items)));
      if (results.length !== batch.length) throw new Error("a batch returned fewer results than it has items");
      for (const [index, result] of results.entries()) batch[index]?.resolve(result);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      running--;
      endWait();
      schedule();
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, spans: activeSpans(), resolve, reject });
      schedule();
    });
}
