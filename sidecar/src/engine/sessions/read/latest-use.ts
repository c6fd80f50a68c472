/** The latest uses that a replica has noted, in milliseconds: the database may not have them yet. */
export interface KnownUses {
  latest(sessionId: string): number | undefined;
}

/** Applies the latest use to a row that was just read. Only reading calls this: rows never change later. */
export function applyLatestUse<Row extends { id: string; lastActivityAt: number }>(row: Row, uses: KnownUses): Row {
  row.lastActivityAt = Math.max(row.lastActivityAt, uses.latest(row.id) ?? 0);
  return row;
}
