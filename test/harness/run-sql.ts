import pg from "pg";

/** Runs SQL on a separate connection and returns the rows of the last statement. */
export async function runSql<Row extends pg.QueryResultRow = pg.QueryResultRow>(
  url: string,
  text: string,
  values?: readonly unknown[],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Row>(text, values && [...values]);
    return rows;
  } finally {
    await client.end();
  }
}
