import type { TestDatabase } from "../../harness/test-database.ts";

/** Everything that a thief of the database gets: each value of each column as raw bytes, in one latin1 text. */
export async function dumpDatabase({ sql }: Pick<TestDatabase, "sql">): Promise<{ text: string; rows: number }> {
  const columns = await sql<{ place: string; name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS place, quote_ident(a.attname) AS name
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'm') AND a.attnum > 0 AND NOT a.attisdropped
       AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'`,
  );
  const places = Map.groupBy(columns, ({ place }) => place);
  const values: string[] = [];
  let rows = 0;
  for (const [place, columnsOfPlace] of places) {
    const found = await sql<Record<string, unknown>>(
      `SELECT ${columnsOfPlace.map(({ name }) => name).join(", ")} FROM ${place}`,
    );
    rows += found.length;
    for (const row of found) values.push(...Object.values(row).map(toLatin1));
  }
  return { text: values.join("\n"), rows };
}

function toLatin1(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString("latin1");
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return Buffer.from(text).toString("latin1");
}
