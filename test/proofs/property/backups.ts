import type { Database } from "../../../sidecar/src/engine/db/database.ts";
import { noLostChanges, noteLine } from "../../../sidecar/src/engine/recovery/audit-lines.ts";
import { recover } from "../../../sidecar/src/engine/recovery/recover.ts";

/** A session's row as it was. */
export interface Backup {
  id: string;
  row: object;
  gen: number;
  adopted: boolean;
  atSecs: number;
}

/** Puts one session back to how it was, as a restore of the whole database would. */
export interface Backups {
  /** Receives what the sidecars write to stdout. */
  writeLine(line: string): void;
  take(sessionId: string, atSecs: number): Promise<Backup>;
  /**
   * Puts the session back, and gives the newest generation that the database then knows of. Undefined: nothing was
   * done, because the outcome would be one that is not promised.
   */
  restore(backup: Backup, recovers: boolean): Promise<number | undefined>;
}

interface Stored {
  row: object;
  gen: number;
  adopted: boolean;
  ended: boolean;
}

const TAKE = {
  name: "session-read-backup",
  text: `SELECT to_jsonb(s) AS row, gen, adopted_at IS NOT NULL AS adopted, ended_at IS NOT NULL AS ended
         FROM byo.sessions s WHERE id = $1`,
};
const DELETE = { name: "backup-delete", text: "DELETE FROM byo.sessions WHERE id = $1 RETURNING id" };
const PUT = {
  name: "backup-put",
  text: "INSERT INTO byo.sessions SELECT * FROM jsonb_populate_record(NULL::byo.sessions, $1) RETURNING id",
};

export function createBackups(db: Database): Backups {
  const lines: string[] = [];

  async function read(id: string): Promise<Stored> {
    const [stored] = await db.query<Stored>(TAKE, [id]);
    if (!stored) throw new Error("the session's row is gone");
    return stored;
  }

  return {
    writeLine: (line) => void lines.push(line),
    async take(id, atSecs) {
      const { row, gen, adopted } = await read(id);
      return { id, row, gen, adopted, atSecs };
    },
    async restore({ id, row, gen, adopted, atSecs }, recovers) {
      const stored = await read(id);
      const lost = noLostChanges();
      for (const line of lines) noteLine(lost, line, atSecs * 1000);
      // Of an end whose transaction got no answer there is no line, and a failover alone brings no end back.
      const isEndKnown = lost.sessionEnds.has(id) && recovers;
      const wasEnded = Object(row).ended_at !== null;
      if (stored.ended && !isEndKnown && !wasEnded) return undefined;
      // Two losses within which several rotations went missing look like two parties, unless a recovery is between.
      if (!recovers && adopted && stored.gen > gen + 1) return undefined;
      await db.transaction(async (tx) => {
        await tx.query(DELETE, [id]);
        await tx.query(PUT, [JSON.stringify(row)]);
      });
      if (recovers) await recover(db, { sinceMs: atSecs * 1000, lost });
      return (await read(id)).gen;
    },
  };
}
