import { afterAll, expect, it, vi } from "vitest";
import { mixUsers } from "../../behaviour/fast-path/mixed-users.ts";
import { IS_SHORTENED, soak } from "../../behaviour/fast-path/soak.ts";
import { resultTable, writeResults } from "../../harness/result-table.ts";
import { spawnTestSidecar } from "../../harness/spawned-sidecar.ts";

const MINUTES = 5;
const USERS = 10_000;
const sections: string[] = [];

it(`${MINUTES} minutes at full load: memory stays, and no request fails while a replica is restarted`, {
  timeout: (MINUTES + 3) * 60_000,
}, async () => {
  const { requests, failures, appMiB, sidecarMiB } = await soak(MINUTES);
  sections.push(
    "One Express application under full load (32 connections, 1,000 users) on two replicas with one PostgreSQL 18 behind a " +
      `balancer of connections. One replica is restarted by SIGTERM halfway through every minute; ${requests} requests, ` +
      `${failures.length} of which failed. Resident memory, medians of each minute, in MiB:`,
    resultTable(
      appMiB.map((app, index) => ({
        minute: index + 1,
        application: app,
        "sidecar, not restarted": sidecarMiB[index] ?? 0,
      })),
    ),
  );
  expect(failures).toEqual([]);
  for (const [, second = 0, ...later] of [appMiB, sidecarMiB]) expect(later.at(-1)).toBeLessThanOrEqual(second * 1.1);
});

it(`${USERS} users with aborts, timeouts and broken connections: never another's session`, {
  timeout: 900_000,
}, async () => {
  const sidecar = await spawnTestSidecar({ env: { LOG_LEVEL: "warn" } });
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const { wrong, unanswered, ...mixing } = await mixUsers({
    sidecar,
    users: USERS,
    rounds: 10,
    seed: 1,
    cutEveryMs: 3000,
  });
  warn.mockRestore();
  sections.push(
    `${USERS} users, ten requests each, on four applications with deadlines of 5 to 2000 ms for the sidecar, behind a network ` +
      "that breaks every three seconds; a third of the browsers go away at some moment:",
    resultTable([
      {
        "own session": mixing.own,
        "another's session": wrong.length,
        "answered 503": mixing.unavailable,
        aborted: mixing.aborted,
      },
    ]),
  );
  expect({ wrong, unanswered }).toEqual({ wrong: [], unanswered: [] });
});

afterAll(async () => {
  if (IS_SHORTENED) return;
  await writeResults("soak", "Soak of the fast path", sections);
});
