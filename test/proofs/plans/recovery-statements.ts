import { openPostgres } from "../../../sidecar/src/engine/db/postgres.ts";
import { noLostChanges, noteLine } from "../../../sidecar/src/engine/recovery/audit-lines.ts";
import { recover } from "../../../sidecar/src/engine/recovery/recover.ts";
import { createTestDatabase } from "../../harness/test-database.ts";
import { recordingDatabase, type Sent } from "./recording-database.ts";

/** What a recovery sends, with and without the lines that a sidecar wrote. On an empty database, as it ends everything. */
export async function sentByRecovery(logText: string): Promise<Sent[]> {
  const { env, drop } = await createTestDatabase();
  const opened = openPostgres({ connectionString: env.DATABASE_URL ?? "" });
  const recording = recordingDatabase(opened);
  const lost = noLostChanges();
  // Not what the collection ended as the clock moved: with most sessions in the list, reading all of them is right.
  for (const line of logText.split("\n")) if (!line.includes('"actor":"system"')) noteLine(lost, line, 0);
  await recover(recording.db, { sinceMs: 0, lost });
  await recover(recording.db, { sinceMs: 0, lost: "everything" });
  await opened.close();
  await drop();
  return recording.sent();
}
