import type { Queryable } from "../database.ts";

/** Postgres 15 and newer know with which version of the collation a database was made. */
const KNOWS_VERSION = {
  name: "knows-collation-version",
  text: "SELECT to_regprocedure('pg_catalog.pg_database_collation_actual_version(oid)') IS NOT NULL AS knows",
};
const VERSIONS = {
  name: "collation-version",
  text: `SELECT datcollversion AS made, pg_database_collation_actual_version(oid) AS used, quote_ident(datname) AS name
         FROM pg_database
         WHERE datname = current_database() AND datcollversion <> pg_database_collation_actual_version(oid)`,
};

/**
 * A newer C library or ICU may order texts in another way than the indexes on the disk. Then a search by user id or tag may
 * miss rows, also when sessions are ended by it. Undefined: the order is the same.
 */
export async function collationWarning(db: Queryable): Promise<string | undefined> {
  const [can] = await db.query<{ knows: boolean }>(KNOWS_VERSION);
  if (!can?.knows) return undefined;
  const [row] = await db.query<{ made: string; used: string; name: string }>(VERSIONS);
  if (!row) return undefined;
  return (
    `the database was made with version ${row.made} of its collation, and the server now has ${row.used}: an index may miss ` +
    "rows, so that not every session of a user is found or ended. Run: " +
    `REINDEX DATABASE ${row.name}; ALTER DATABASE ${row.name} REFRESH COLLATION VERSION`
  );
}
