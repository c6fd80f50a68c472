import { expect, it } from "vitest";
import { type ResultRow, resultTable, writeResults } from "../../harness/result-table.ts";
import { startTestSidecar } from "../../harness/test-sidecar.ts";
import { times } from "../resilience/fleet.ts";
import { comeAndGo } from "../resilience/live/come-and-go.ts";
import { LIMIT_MS, logIn, logOutEverywhere, openSockets, rowOf, setStage } from "../resilience/live/sockets.ts";
import { inTrouble, TROUBLES } from "../resilience/live/trouble.ts";

const COME_AND_GO = 10_000;
const DELAYS_MS = [0, 200, 600];

it(`sockets close within ${LIMIT_MS} ms of the end of their session`, { timeout: 1_200_000 }, async () => {
  const rows: ResultRow[] = [];
  const lateMs: number[] = [];
  const add = (what: string, afterMs: readonly number[]) => {
    rows.push(rowOf(what, afterMs));
    lateMs.push(...afterMs.filter((ms) => ms > LIMIT_MS));
  };

  const stage = await setStage();
  const { replicas, apps } = stage;
  const users = await Promise.all(times(10, () => logIn(replicas[0], 10)));
  const sockets = await openSockets(users, 100, apps);
  const oneByOne: number[] = [];
  for (const { userId } of users) oneByOne.push(...(await logOutEverywhere(userId, replicas[1], sockets)));
  add("1,000 sockets open, of ten users, one after the other: 100 each", oneByOne);
  const crowd = await logIn(replicas[0], 20);
  const all = await openSockets([crowd], 1000, apps);
  add("1,000 sockets open, all of one user", await logOutEverywhere(crowd.userId, replicas[1], all));

  await stage.stop();

  const closedOfOthers: (string | undefined)[] = [];
  for (const [what, trouble] of Object.entries(TROUBLES)) {
    const afterMs: number[] = [];
    for (const delayMs of DELAYS_MS) {
      const troubledStage = await setStage();
      const troubled = await inTrouble(troubledStage, trouble, 100, delayMs);
      afterMs.push(...troubled.afterMs);
      closedOfOthers.push(...troubled.others.map(({ closing }) => closing).filter((closing) => closing !== undefined));
      await troubledStage.stop();
    }
    add(`${what}; 0, 200 and 600 ms after`, afterMs);
  }

  const left = await comeAndGo(await startTestSidecar({ env: { SESSION_CACHE: "on" } }), COME_AND_GO);
  await writeResults("live-revocation", "Sockets that close when their session ends", [
    "Two sidecars on one PostgreSQL 18 server, in front of each an app of its own: `ws` on Express, as in " +
      "[Sockets and streams](../live.md). The sessions are ended by the second sidecar. Times in milliseconds from its answer until the " +
      "client has heard the close, and how many sockets were closed by then. In the lower rows the sockets are those of the " +
      "first app, and as many of another user stay open.",
    resultTable(rows),
    `Sockets opened and closed by their clients: ${COME_AND_GO.toLocaleString("en")}. Left in memory: ${left.inMemory}; ` +
      `watched at the sidecar: ${left.watched}.`,
  ]);
  expect(lateMs).toEqual([]);
  expect(closedOfOthers).toEqual([]);
  expect(left.inMemory).toBeLessThanOrEqual(1);
  expect(left.watched).toBe(0);
});
