import type { TestDatabase } from "../../harness/test-database.ts";

type Sql = TestDatabase["sql"];

/** The schema as the database has it, as SQL in an order that does not change. */
export async function dumpSchema(sql: Sql): Promise<string> {
  const tables = await sql<{ name: string; options: string[] | null }>(TABLES);
  const parts: string[] = [];
  for (const { name, options } of tables) {
    const lines = await linesOf(sql, TABLE_LINES, name);
    const storage = options ? ` WITH (${options.join(", ")})` : "";
    const table = `CREATE TABLE byo.${name} (\n${lines.map((line) => `  ${line}`).join(",\n")}\n)${storage}`;
    parts.push([table, ...(await linesOf(sql, INDEXES_AND_TRIGGERS, name))].map((line) => `${line};`).join("\n"));
  }
  const functions = (await linesOf(sql, FUNCTIONS)).map((text) => `${text.trim()};`);
  return `${[...functions, ...parts].join("\n\n")}\n`;
}

async function linesOf(sql: Sql, text: string, ...values: string[]): Promise<string[]> {
  return (await sql<{ line: string }>(text, values)).map(({ line }) => line);
}

const TABLES = `SELECT relname AS name, reloptions AS options FROM pg_class
  WHERE relnamespace = 'byo'::regnamespace AND relkind = 'r' ORDER BY relname`;

// NOT NULL stands with its column: newer servers have constraints for it too.
const TABLE_LINES = `
  (SELECT concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
      CASE WHEN a.attnotnull THEN 'NOT NULL' END,
      CASE WHEN a.attidentity = 'a' THEN 'GENERATED ALWAYS AS IDENTITY' END,
      'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)) AS line
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = ('byo.' || $1)::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
  UNION ALL
  (SELECT 'CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = ('byo.' || $1)::regclass AND contype IN ('p', 'u', 'f', 'c') ORDER BY contype DESC, conname)`;

const INDEXES_AND_TRIGGERS = `
  (SELECT pg_get_indexdef(indexrelid) AS line FROM pg_index
    WHERE indrelid = ('byo.' || $1)::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    ORDER BY indexrelid::regclass::text)
  UNION ALL
  (SELECT unnest(ARRAY[pg_get_triggerdef(oid)]
      || CASE WHEN tgenabled <> 'O' THEN ARRAY[format('ALTER TABLE byo.%I %s TRIGGER %I', $1,
        CASE tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE REPLICA' END, tgname)] ELSE '{}' END)
    FROM pg_trigger WHERE tgrelid = ('byo.' || $1)::regclass AND NOT tgisinternal ORDER BY tgname)`;

const FUNCTIONS = `SELECT pg_get_functiondef(oid) AS line FROM pg_proc
  WHERE pronamespace = 'byo'::regnamespace ORDER BY proname`;
