import type { SessionRow } from "../session.ts";
import { applyLatestUse, type KnownUses } from "./latest-use.ts";

/** Where validations get sessions from. */
export interface SessionReader {
  /** The session as the database has it. */
  read(id: string): Promise<SessionRow | undefined>;
  /** A living session as this replica remembers it; undefined if the database must be asked. */
  remembered(id: string): SessionRow | undefined;
}

/** A reader whose rows have the latest use. The reader below, such as a cache, keeps what the database has. */
export function withLatestUse(reader: SessionReader, uses: KnownUses): SessionReader {
  return {
    async read(id) {
      const row = await reader.read(id);
      return row && applyLatestUse(row, uses);
    },
    remembered(id) {
      const row = reader.remembered(id);
      return row && applyLatestUse(row, uses);
    },
  };
}
