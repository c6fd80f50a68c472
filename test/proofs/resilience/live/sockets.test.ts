import { beforeAll, expect, it } from "vitest";
import { printResults } from "../../../harness/result-table.ts";
import { times } from "../fleet.ts";
import { LIMIT_MS, logIn, logOutEverywhere, openSockets, rowOf, type Stage, setStage } from "./sockets.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
}, 60_000);

it(`of 1,000 sockets all of a user's close within ${LIMIT_MS} ms of a logout everywhere`, {
  timeout: 120_000,
}, async () => {
  const { replicas, apps } = stage;
  const ada = await logIn(replicas[0], 20);
  const others = await Promise.all(times(10, () => logIn(replicas[1], 5)));
  const sockets = [...(await openSockets([ada], 500, apps)), ...(await openSockets(others, 50, apps))];
  expect(sockets).toHaveLength(1000);
  const afterMs = await logOutEverywhere(ada.userId, replicas[1], sockets);
  printResults("Sockets of two apps, closed by the end of their sessions", [rowOf("by the second replica", afterMs)]);
  expect(afterMs).toHaveLength(500);
  expect(afterMs.filter((ms) => ms > LIMIT_MS)).toEqual([]);
  const ended = sockets.filter(({ userId }) => userId === ada.userId);
  expect(new Set(ended.map(({ closing }) => closing))).toEqual(new Set(["4401 Revoked"]));
  expect(sockets.filter(({ closing }) => closing !== undefined)).toHaveLength(500);
});
