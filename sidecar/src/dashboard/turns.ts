import { Refusal } from "./refusal.ts";

/** Runs work when it is its turn. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Runs `atOnce` tasks at a time. Up to `maxWaiting` others wait; beyond that tasks are refused with `Busy`. */
export function createTurns(atOnce: number, maxWaiting: number): InTurn {
  const waiting: (() => void)[] = [];
  let working = 0;

  return async (work) => {
    if (working >= atOnce) {
      if (waiting.length >= maxWaiting)
        throw new Refusal({ type: "Busy", message: "Too many requests at once. Try again." });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      working++;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else working--;
    }
  };
}

/** Separate turns for each person, so that one person with many requests delays nobody else. */
export function createTurnsOf(atOnce: number, maxWaiting: number): (person: string) => InTurn {
  const known = new Map<string, InTurn>();
  return (person) => {
    const inTurn = known.get(person) ?? createTurns(atOnce, maxWaiting);
    // One entry per person, so this stays small.
    known.set(person, inTurn);
    return inTurn;
  };
}
