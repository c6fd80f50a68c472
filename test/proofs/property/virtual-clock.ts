import type { Database } from "../../../sidecar/src/engine/db/database.ts";

/** The database's time, which stands still but for the test: so a history knows exactly when each thing happened. */
export interface VirtualClock {
  nowSecs(): number;
  advance(secs: number): Promise<void>;
}

const START_SECS = 1_900_000_000;
const ADVANCE = {
  name: "virtual-clock-advance",
  text: "UPDATE byo_test.virtual_clock SET at = at + make_interval(secs => $1::float8) RETURNING at",
};

export async function installVirtualClock(db: Database): Promise<VirtualClock> {
  await db.maintenance((connection) =>
    connection.script(`
      CREATE TABLE byo_test.virtual_clock (at timestamptz NOT NULL);
      INSERT INTO byo_test.virtual_clock VALUES (to_timestamp(${START_SECS}));
      CREATE OR REPLACE FUNCTION byo.now() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS 'SELECT at FROM byo_test.virtual_clock'`),
  );
  let nowSecs = START_SECS;
  return {
    nowSecs: () => nowSecs,
    async advance(secs) {
      // First here: an answer that comes meanwhile is then said to be as late as it can be.
      nowSecs += secs;
      await db.query(ADVANCE, [secs]);
    },
  };
}
