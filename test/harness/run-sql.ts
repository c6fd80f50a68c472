import pg from "pg";

/** Runs SQL on a separate connection and returns the rows of the last statement. */
export async function runSql<Row extends pg.QueryResultRow = pg.QueryResultRow>(
  url: string,
  text: string,
  values?: readonly unknown[],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  // A server that a test kills breaks the connection, perhaps while no query is running.
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<Row>(text, values && [...values]);
    return rows;
  } finally {
    await client.end();
  }
}

export interface SqlRunner {
  run<Row extends pg.QueryResultRow = pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** Runs SQL on connections that are kept: most of what a statement of a test costs is its connection. */
export function createSqlRunner(url: string): SqlRunner {
  const pool = new pg.Pool({ connectionString: url, max: 20 });
  // A test may end every connection of its database; the next statement gets a new one.
  pool.on("error", () => {});
  return {
    async run<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) {
      const { rows } = await pool.query<Row>(text, values && [...values]);
      return rows;
    },
    close: () => pool.end(),
  };
}
