import type { Queryable, Statement } from "../../engine/db/database.ts";
import type { SessionFilter } from "../sessions/filter-input.ts";

/** A filter of the list of sessions with a name. */
export interface ViewRow {
  id: string;
  ownerId: string;
  ownerName: string;
  name: string;
  filter: SessionFilter;
  isShared: boolean;
}

const COLUMNS = `v.id, v.owner_id AS "ownerId", u.username AS "ownerName", v.name, v.filter, v.is_shared AS "isShared"`;
const VISIBLE: Statement = {
  name: "dashboard-views",
  text: `SELECT ${COLUMNS} FROM byo.dashboard_views v JOIN byo.dashboard_users u ON u.id = v.owner_id
    WHERE v.owner_id = $1 OR v.is_shared ORDER BY lower(v.name), v.id LIMIT 1000`,
};
// The same name again changes the view. The person's row is held, so that the limit holds.
const LOCK_OWNER: Statement = {
  name: "dashboard-views-lock",
  text: "SELECT id FROM byo.dashboard_users WHERE id = $1 FOR NO KEY UPDATE",
};
const SAVE: Statement = {
  name: "dashboard-view-save",
  text: `INSERT INTO byo.dashboard_views AS existing (id, owner_id, name, filter, is_shared)
    SELECT $1::uuid, $2::uuid, $3, $4::jsonb, $5
    WHERE (SELECT count(*) FROM byo.dashboard_views WHERE owner_id = $2::uuid AND lower(name) <> lower($3)) < $6
    ON CONFLICT (owner_id, lower(name)) DO UPDATE
      SET name = EXCLUDED.name, filter = EXCLUDED.filter, is_shared = EXCLUDED.is_shared
    RETURNING id`,
};
const DELETE: Statement = {
  name: "dashboard-view-delete",
  text: `DELETE FROM byo.dashboard_views WHERE id = $1 AND (owner_id = $2 OR (is_shared AND $3)) RETURNING name`,
};

export interface ViewStore {
  /** Those of this person, and those that are shared. */
  visibleTo(userId: string): Promise<ViewRow[]>;
  /** Returns its id; undefined if the person has too many. */
  save(view: Omit<ViewRow, "ownerName">, most: number): Promise<string | undefined>;
  /** Returns its name; undefined if there is no such view, or it is another person's. */
  delete(id: string, userId: string, anyShared: boolean): Promise<string | undefined>;
}

export function createViewStore(db: Queryable): ViewStore {
  return {
    visibleTo: (userId) => db.query<ViewRow>(VISIBLE, [userId]),
    async save({ id, ownerId, name, filter, isShared }, most) {
      await db.query(LOCK_OWNER, [ownerId]);
      const values = [id, ownerId, name, JSON.stringify(filter), isShared, most];
      return (await db.query<{ id: string }>(SAVE, values))[0]?.id;
    },
    delete: async (...values) => (await db.query<{ name: string }>(DELETE, values))[0]?.name,
  };
}
