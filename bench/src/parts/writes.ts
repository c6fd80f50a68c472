import pg from "pg";
import { openPostgres } from "../../../sidecar/src/engine/db/postgres.ts";
import { writeActivities } from "../../../sidecar/src/engine/sessions/activity/store.ts";
import { fillSessions } from "../filling.ts";
import type { Options } from "../options.ts";
import { cpuOfTrees } from "../processes.ts";
import { DATABASES, type Servers } from "../servers.ts";
import { median } from "../statistics.ts";

/** CPU of Postgres for one row, in microseconds. */
export interface Writes {
  togetherUs: number;
  singleUs: number;
}

const ROWS = 500;
const ROUNDS = 10;
const ENOUGH_SESSIONS = 10_000;

/** Activity times: 500 in one statement, as the sidecar writes them, compared with 500 statements. */
export async function measureWrites(servers: Servers, { repeats }: Options): Promise<Writes> {
  await fillSessions(servers, ENOUGH_SESSIONS);
  const connectionString = servers.postgres.urlOf(DATABASES.byo);
  const db = openPostgres({ connectionString, maxConnections: 1 });
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<{ id: string }>(`SELECT id FROM byo.sessions ORDER BY random() LIMIT ${ROWS}`);
  const together = async () =>
    void (await writeActivities(
      db,
      rows.map(({ id }) => ({ id, at: Date.now(), ipAddress: undefined })),
    ));
  const single = async () => {
    for (const { id } of rows) {
      await client.query({
        name: "single",
        text: "UPDATE byo.sessions SET last_activity_at = now() WHERE id = $1",
        values: [id],
      });
    }
  };
  const usOf = async (work: () => Promise<void>) => {
    const [before = 0] = cpuOfTrees([servers.postgres.pid]);
    for (let round = 0; round < ROUNDS; round++) await work();
    const [after = 0] = cpuOfTrees([servers.postgres.pid]);
    return ((after - before) * 1e6) / (ROWS * ROUNDS);
  };
  const measured: Writes[] = [];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    measured.push({ togetherUs: await usOf(together), singleUs: await usOf(single) });
  }
  await client.end();
  await db.close();
  // The first one is a warm-up.
  const kept = measured.slice(1);
  return {
    togetherUs: median(kept.map(({ togetherUs }) => togetherUs)),
    singleUs: median(kept.map(({ singleUs }) => singleUs)),
  };
}
