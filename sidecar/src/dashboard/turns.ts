import { Refusal } from "./refusal.ts";

/** Runs work when it is its turn. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets so many work at once; the others wait in a line, which has an end: who comes later is refused as `Busy`. */
export function createTurns(atOnce: number, maxWaiting: number): InTurn {
  const waiting: (() => void)[] = [];
  let working = 0;

  return async (work) => {
    if (working >= atOnce) {
      if (waiting.length >= maxWaiting) throw new Refusal({ type: "Busy", message: "Too much at once. Try again." });
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

/** Turns for each person apart: who asks for much waits for himself. */
export function createTurnsOf(atOnce: number, maxWaiting: number): (person: string) => InTurn {
  const known = new Map<string, InTurn>();
  return (person) => {
    const inTurn = known.get(person) ?? createTurns(atOnce, maxWaiting);
    // As many as there are people: logins come and go, these stay.
    known.set(person, inTurn);
    return inTurn;
  };
}
