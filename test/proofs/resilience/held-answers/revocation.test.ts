import { expect, it } from "vitest";
import { printResults } from "../../../harness/result-table.ts";
import { LIMIT_MS, revokeHeld } from "./revocations.ts";

const TRIES = 48;

it(`serves nothing for over ${LIMIT_MS} ms that has been revoked elsewhere`, { timeout: 180_000 }, async () => {
  const { rows, tries, lateMs } = await revokeHeld(TRIES);
  printResults("Two applications that hold answers: revoked on one replica, shown to both", rows);
  expect(tries).toBeGreaterThanOrEqual(TRIES);
  expect(lateMs).toEqual([]);
});
