import type { SessionRow } from "../session.ts";

/** Where validations get sessions from. Each row has the latest use that this replica knows of, and is the caller's own. */
export interface SessionReader {
  /** The session as the database has it. */
  read(id: string): Promise<SessionRow | undefined>;
  /** A living session as this replica remembers it; undefined if the database must be asked. */
  remembered(id: string): SessionRow | undefined;
}
