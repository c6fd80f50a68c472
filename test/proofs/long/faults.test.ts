import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { printResults, type ResultRow, resultTable, writeResults } from "../../harness/result-table.ts";
import { startClients } from "../resilience/faults/clients.ts";
import { FAULTS } from "../resilience/faults/faults.ts";
import { isAcknowledged, type Operation, type SessionHistory } from "../resilience/faults/history.ts";
import { judge } from "../resilience/faults/judge.ts";
import type { Place } from "../resilience/faults/place.ts";

const TIMES = 20;
const RECOVERY_LIMIT_MS = 30_000;
const rows: ResultRow[] = [];

afterAll(async () => {
  printResults("Faults under load", rows);
  await writeResults("faults", "Faults under load", [
    `Each fault ${TIMES} times, while eight clients log in, visit over two replicas with the session cache on, rotate every second, and log out. Each client remembers what it was told, asks about everything again at the end, and no history may break a promise of \`test/proofs/resilience/faults/judge.ts\`. Five deliberate bugs show that the judge finds what is lost. A fault has ended when every replica accepts a login again; the time counts from its cause, with the time that it was made to last.`,
    resultTable(rows),
    "*No answer*: 503, or a connection that broke. Nothing is known then, and a client asks again.",
  ]);
});

it.each(FAULTS)(`$what, ${TIMES} times`, { timeout: 1_200_000 }, async ({ what, start }) => {
  const { place, cause, after } = await start();
  const clients = startClients({ replicas: place.replicas });
  const recoveriesMs: number[] = [];
  for (let round = 0; round < TIMES; round++) {
    await clients.answered(20);
    const causedAtMs = performance.now();
    await cause(round);
    await untilAllServe(place);
    recoveriesMs.push(performance.now() - causedAtMs);
    await after?.();
  }
  await clients.answered(20);
  const histories = await clients.audit();
  const broken = judge(histories);
  const operations = histories.flatMap((history) => history.operations);
  const sorted = recoveriesMs.toSorted((a, b) => a - b);
  rows.push({
    fault: what,
    times: TIMES,
    ...counted(histories),
    "promises broken": broken.length,
    "no answer": operations.filter(({ status }) => status === undefined).length,
    "recovery, median": inSecs(sorted[TIMES / 2]),
    longest: inSecs(sorted.at(-1)),
  });
  expect(broken).toEqual([]);
  await Promise.all(place.replicas.map(({ stop }) => stop()));
});

async function untilAllServe({ replicas }: Place): Promise<void> {
  const deadlineMs = performance.now() + RECOVERY_LIMIT_MS;
  for (const replica of replicas) {
    const serves = async () => (await replica.command("CreateSession", { userId: randomUUID() })).status === 200;
    while (!(await serves())) {
      if (performance.now() > deadlineMs)
        throw new Error(`a replica does not recover:\n${replica.logText().slice(-2000)}`);
      await sleep(20);
    }
  }
}

/** What was acknowledged, and so must not be lost. */
function counted(histories: readonly SessionHistory[]) {
  const ofKind = (kind: Operation["kind"]) => (operation: Operation) =>
    operation.kind === kind && isAcknowledged(operation);
  const operations = histories.flatMap((history) => history.operations);
  return {
    logins: operations.filter(ofKind("login")).length,
    rotations: new Set(operations.flatMap(({ successor }) => successor ?? [])).size,
    ends: operations.filter(ofKind("end")).length,
  };
}

function inSecs(ms = 0): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
