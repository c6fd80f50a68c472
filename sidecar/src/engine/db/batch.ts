export interface BatchOptions<Item, Result> {
  /** Carries out all that was asked, and gives the results in the same order. A throw fails each of them. */
  run: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Statements under way at once. What is asked beyond them waits, and makes the next one larger. */
  maxRunning: number;
  /** Items of one statement. */
  maxItems: number;
}

/**
 * Twice as many make two statements: while the database works on one, this process and those who asked work on the other,
 * where they would all wait for each other in turn. With fewer, a trip more costs more than that saves.
 */
const WORTH_A_STATEMENT = 12;

/**
 * Gathers what is asked within one turn of the event loop, by whatever connection it came, into few statements: a trip to
 * the database costs more than a row.
 */
export function createBatch<Item, Result>({
  run,
  maxRunning,
  maxItems,
}: BatchOptions<Item, Result>): (item: Item) => Promise<Result> {
  interface Asked {
    item: Item;
    resolve: (result: Result) => void;
    reject: (error: unknown) => void;
  }
  const waiting: Asked[] = [];
  let running = 0;
  let isScheduled = false;

  /** After the turn's input: setImmediate comes when every socket that was readable has been read. */
  function schedule(): void {
    if (isScheduled || running >= maxRunning || waiting.length === 0) return;
    isScheduled = true;
    setImmediate(start);
  }

  function start(): void {
    isScheduled = false;
    const shares = Math.min(maxRunning - running, Math.floor(waiting.length / WORTH_A_STATEMENT)) || 1;
    const batch = waiting.splice(0, Math.min(maxItems, Math.ceil(waiting.length / shares)));
    running++;
    void carryOut(batch);
    schedule();
  }

  async function carryOut(batch: readonly Asked[]): Promise<void> {
    try {
      const results = await run(batch.map(({ item }) => item));
      if (results.length !== batch.length) throw new Error("a batch gave fewer results than it was asked for");
      for (const [index, result] of results.entries()) batch[index]?.resolve(result);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      running--;
      schedule();
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      schedule();
    });
}
