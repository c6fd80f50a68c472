import { expect, it } from "vitest";
import { printResults } from "../../../harness/result-table.ts";
import { LIMIT_MS, revokeRemembered } from "./revocations.ts";

const TRIES = 250;

it(`serves nothing for over ${LIMIT_MS} ms that another replica has revoked`, { timeout: 120_000 }, async () => {
  const { rows, tries, lateMs } = await revokeRemembered(TRIES);
  printResults("Two replicas with SESSION_CACHE=on: revoked on one, shown to the other", rows);
  expect(tries).toBe(TRIES);
  expect(lateMs).toEqual([]);
});
