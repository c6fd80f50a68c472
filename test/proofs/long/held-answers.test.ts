import { afterAll, expect, it } from "vitest";
import { type ResultRow, resultTable, writeResults } from "../../harness/result-table.ts";
import { BREAKS } from "../property/held-answers/breaks.ts";
import { explore } from "../property/held-answers/explore.ts";
import { LIMIT_MS, revokeHeld } from "../resilience/held-answers/revocations.ts";

const HISTORIES = 6000;
const TRIES = 1000;

const explored: ResultRow[] = [];
const found: ResultRow[] = [];
const revoked: ResultRow[] = [];

it(`serves nothing for over ${LIMIT_MS} ms in ${HISTORIES} random histories`, { timeout: 1_800_000 }, async () => {
  const seed = Date.now() % 1_000_000_000;
  const { row, violations } = await explore(HISTORIES, seed);
  explored.push(row);
  expect(violations).toEqual([]);
});

it.each(BREAKS)("finds a deliberate break: $name", { timeout: 600_000 }, async ({ name, rules }) => {
  const { foundIn, violations } = await explore(HISTORIES, 1, rules);
  const promises = [...new Set(violations.map(({ promise }) => promise))].join("; ");
  found.push({ "deliberate break": name, "found in history": foundIn ?? "never", "broken promise": promises });
  expect(violations).not.toEqual([]);
});

it(`serves nothing for over ${LIMIT_MS} ms that was revoked elsewhere`, { timeout: 1_800_000 }, async () => {
  const { rows, tries, lateMs } = await revokeHeld(TRIES);
  revoked.push(...rows);
  expect(tries).toBeGreaterThanOrEqual(TRIES);
  expect(lateMs).toEqual([]);
});

afterAll(() =>
  writeResults("held-answers", "Held answers, measured", [
    "The rules are in [Held answers](../held-answers.md). Nothing may be served for longer than a second after the commit of " +
      "its end.",
    "## Over the wire",
    "Two sidecars on one PostgreSQL 18 server and an Express application at each, all processes of their own. Every session " +
      "is held by both applications, then revoked on the second sidecar, and requested every 2 ms at both until it is " +
      "refused. What is broken is broken just before, between the first application and the database. Times count from the " +
      "answer to the revocation. A refusal is 401, or 503 at the application's deadline of 1.5 s, which is what the medians " +
      "show where the sidecar does not answer.",
    resultTable(revoked),
    "## In random histories",
    "The sidecar's own validation, cache, notifications, interests and channels, and the application's own table and beats, " +
      "with clocks, a database and a network of the test: two replicas, two processes, four sessions for five seconds. " +
      "Notifications are late, silent or cut; networks drop one direction or both; connections break and are replaced; " +
      "processes are stopped, and machines sleep.",
    resultTable(explored),
    "Each rule was taken away once, to see that it is missed:",
    resultTable(found),
  ]),
);
