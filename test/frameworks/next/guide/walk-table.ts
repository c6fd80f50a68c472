import { type ResultRow, resultTable, writeResults } from "../../../harness/result-table.ts";

/** What was walked, on which host, and how long it took. */
export interface WalkTable {
  time(what: string, host: string, steps: () => Promise<void>): Promise<void>;
  /** Writes docs/results, where every walk has passed on every host that it was begun on, and on all hosts some. */
  write(next: string, chromium: string): Promise<void>;
}

const ABOUT =
  "The app of [the guide](../next-guide.md): made by the newest create-next-app with its own defaults, the code copied " +
  "from the document, our packages installed as they are packed. Seconds of what passed; `-` where it does not apply.";

export function createWalkTable(hosts: readonly string[]): WalkTable {
  const walks = new Map<string, Map<string, number>>();
  const begun = new Set<string>();
  return {
    async time(what, host, steps) {
      begun.add(`${what}, ${host}`);
      const startMs = performance.now();
      await steps();
      const seconds = walks.get(what) ?? new Map<string, number>();
      walks.set(what, seconds.set(host, Math.round((performance.now() - startMs) / 100) / 10));
    },

    async write(next, chromium) {
      const times = [...walks.values()];
      const isWhole = hosts.every((host) => times.some((seconds) => seconds.has(host)));
      if (!isWhole || times.reduce((sum, { size }) => sum + size, 0) < begun.size) return;
      const rows = [...walks].map(
        ([walk, seconds]): ResultRow => ({
          walk,
          ...Object.fromEntries(hosts.map((host) => [host, seconds.get(host) ?? "-"])),
        }),
      );
      const on = `create-next-app and Next ${next}, Chromium ${chromium}.`;
      await writeResults("next-guide", "The guide of Next.js, walked", [ABOUT, resultTable(rows), on]);
    },
  };
}
