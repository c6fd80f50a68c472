import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { type SpawnedSidecar, spawnTestSidecar } from "../../harness/spawned-sidecar.ts";
import { createTestDatabase } from "../../harness/test-database.ts";
import { type Balancer, startBalancer } from "./balancer.ts";
import { type ConnectedClient, clientOf, commandsOverFastPath } from "./connected-client.ts";

const USERS = 20;
const LIMIT_MS = 60_000;

let replicas: SpawnedSidecar[];
let balancer: Balancer;
let client: ConnectedClient;
let tokens: Map<string, string>;

async function spawnReplica(like: Partial<SpawnedSidecar> = {}): Promise<SpawnedSidecar> {
  const database = like.database ?? (await createTestDatabase());
  const port = like.url === undefined ? {} : { PORT: new URL(like.url).port };
  return spawnTestSidecar({ database, env: { LOG_LEVEL: "warn", CONNECTION_AGE_SECS: "2", ...port } });
}

beforeAll(async () => {
  const first = await spawnReplica();
  replicas = [first, await spawnReplica({ database: first.database })];
  balancer = await startBalancer(replicas.map(({ url }) => url));
  client = clientOf({ url: balancer.url, integrationKey: first.integrationKey });
  const userIds = Array.from({ length: USERS }, (_, index) => `user-${index}`);
  const logIn = async (userId: string) => (await first.run("CreateSession", { userId })).sessionToken;
  tokens = new Map(await Promise.all(userIds.map(async (userId) => [userId, await logIn(userId)] as const)));
}, LIMIT_MS);

/** Every user validates without a pause until the work is done; returns wrong and missing answers. */
async function underLoad(work: () => Promise<void>) {
  const failures: unknown[] = [];
  let validations = 0;
  let over = false;
  const users = [...tokens].map(async ([userId, sessionToken]) => {
    while (!over) {
      const answer = await client.session.validate({ sessionToken });
      validations++;
      if (!answer.ok) failures.push(answer.error);
      else if (answer.data.userId !== userId) failures.push({ expected: userId, got: answer.data.userId });
    }
  });
  await work().finally(() => {
    over = true;
  });
  await Promise.all(users);
  return { failures, validations };
}

async function used(replica: SpawnedSidecar): Promise<number> {
  return commandsOverFastPath(replica);
}

describe("behind a load balancer", { timeout: LIMIT_MS }, () => {
  it("a connection moves on when it is old, so that every replica is used, and no request fails", async () => {
    const { failures } = await underLoad(async () => {
      for (const replica of replicas) await expect.poll(() => used(replica), { timeout: 20_000 }).toBeGreaterThan(100);
    });
    expect(failures).toEqual([]);
    const ended = await Promise.all(replicas.map((replica) => replica.metrics()));
    const reasons = ended.flatMap((metrics) => [...metrics.keys()].filter((name) => /connections_ended/.test(name)));
    expect([...new Set(reasons)]).toEqual(['byo_fast_path_connections_ended_total{reason="age"}']);
  });

  it("each replica is restarted under load without one failed request", async () => {
    const { failures, validations } = await underLoad(async () => {
      for (const [index, replica] of replicas.entries()) {
        expect(await replica.kill("SIGTERM")).toEqual({ code: 0, signal: null });
        replicas[index] = await spawnReplica(replica);
        await sleep(300);
      }
    });
    expect(failures).toEqual([]);
    expect(validations).toBeGreaterThan(100);
    expect(client.lines).toEqual([]);
  });

  it("a replica that is killed takes no validation with it", async () => {
    const { failures } = await underLoad(async () => {
      await sleep(300);
      const [replica] = replicas;
      if (!replica) throw new Error("no replica");
      await replica.kill("SIGKILL");
      await sleep(500);
      replicas[0] = await spawnReplica(replica);
    });
    expect(failures).toEqual([]);
  });
});
