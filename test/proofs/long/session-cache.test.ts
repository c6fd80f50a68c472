import { expect, it } from "vitest";
import { resultTable, writeResults } from "../../harness/result-table.ts";
import { LIMIT_MS, revokeRemembered } from "../resilience/session-cache/revocations.ts";

const TRIES = 1000;

it(`serves nothing for over ${LIMIT_MS} ms that another replica has revoked`, { timeout: 600_000 }, async () => {
  const { rows, tries, lateMs } = await revokeRemembered(TRIES);
  await writeResults("session-cache", `${TRIES} revocations of sessions that another replica remembers`, [
    "Two sidecars with `SESSION_CACHE=on` on one PostgreSQL 18 server. Each session is remembered by the one, revoked on " +
      "the other, and shown to the first every 20 ms from the answer to the revocation until it is refused.",
    resultTable(rows),
  ]);
  expect(tries).toBe(TRIES);
  expect(lateMs).toEqual([]);
});
