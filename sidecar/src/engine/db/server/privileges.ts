import type { Queryable } from "../database.ts";

/** A role lacks rights in the database. The message says which, and how to grant them. */
class PrivilegeMissing extends Error {
  override readonly name = "PrivilegeMissing";
}

const MAY_MIGRATE = {
  name: "may-migrate",
  text: `
    SELECT current_user AS role, current_database() AS database, schema.oid IS NOT NULL AS exists,
      CASE WHEN schema.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE')
        ELSE pg_has_role(schema.nspowner, 'USAGE')
          AND (SELECT coalesce(bool_and(pg_has_role(relowner, 'USAGE')), true) FROM pg_class
               WHERE relnamespace = schema.oid AND relkind IN ('r', 'p', 'S', 'v'))
        END AS may
    FROM (VALUES (1)) AS one LEFT JOIN pg_namespace AS schema ON schema.nspname = 'byo'`,
};

const LACKS = {
  name: "service-lacks",
  text: `
    SELECT current_user AS role, current_database() AS database,
      NOT has_schema_privilege('byo', 'USAGE') OR EXISTS (
        SELECT FROM pg_proc WHERE pronamespace = 'byo'::regnamespace AND NOT has_function_privilege(oid, 'EXECUTE')
      ) OR EXISTS (
        SELECT FROM pg_class WHERE relnamespace = 'byo'::regnamespace AND CASE relkind
          WHEN 'S' THEN NOT has_sequence_privilege(oid, 'USAGE')
          WHEN 'r' THEN NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
            AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')) ELSE false END) AS lacks,
      ARRAY(SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'byo'::regnamespace AND relkind = 'r'
        AND row_security_active(oid) ORDER BY 1) AS hidden`,
};

/** What the role of the service needs on a schema that another role owns. */
export function grantsFor(role: string): string[] {
  const to = `"${role.replaceAll('"', '""')}"`;
  return [
    `GRANT USAGE ON SCHEMA byo TO ${to}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA byo TO ${to}`,
    `GRANT USAGE ON ALL SEQUENCES IN SCHEMA byo TO ${to}`,
    `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA byo TO ${to}`,
  ];
}

/** Throws unless the role may change the schema: before the first change, so that nothing is half done. */
export async function checkMayMigrate(db: Queryable): Promise<void> {
  const [row] = await db.query<{ role: string; database: string; exists: boolean; may: boolean }>(MAY_MIGRATE);
  if (!row || row.may) return;
  const { role, database, exists } = row;
  throw new PrivilegeMissing(
    exists
      ? `the role "${role}" may not change the schema byo, which needs a migration: set DATABASE_MIGRATION_URL to the role that owns it, or make "${role}" a member of that role`
      : `the role "${role}" may not create a schema in the database "${database}": set DATABASE_MIGRATION_URL to a role that may, or run: GRANT CREATE ON DATABASE "${database}" TO "${role}"`,
  );
}

interface Rights {
  role: string;
  lacks: boolean;
  /** Tables whose rows a policy may hide from the role. */
  hidden: string[];
}

/** The role of this connection if it lacks rights that the service needs. */
export async function roleThatLacksRights(db: Queryable): Promise<string | undefined> {
  const [row] = await db.query<Rights>(LACKS);
  return row?.lacks ? row.role : undefined;
}

/** Throws if the role of the service may not read and change everything. */
export async function checkMayServe(db: Queryable): Promise<void> {
  const [row] = await db.query<Rights>(LACKS);
  if (!row) return;
  const { role, lacks, hidden } = row;
  if (lacks) {
    throw new PrivilegeMissing(
      `the role "${role}" may not use everything in the schema byo: set DATABASE_MIGRATION_URL to the role that owns it, which then grants the rights, or run as that role: ${grantsFor(role).join("; ")}`,
    );
  }
  if (hidden.length > 0) {
    const changes = hidden.map((table) => `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`);
    throw new PrivilegeMissing(
      `row-level security may hide rows from the role "${role}", so ended sessions could look living: run as the owner of the tables: ${changes.join("; ")}`,
    );
  }
}
