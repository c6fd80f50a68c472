import type { SessionRow } from "../../../../sidecar/src/engine/sessions/session.ts";
import { hashOfSecret, tokenAt } from "../../../../sidecar/src/engine/sessions/token/chain.ts";
import { formatSessionToken } from "../../../../sidecar/src/engine/sessions/token/session-token.ts";
import type { Rules } from "./breaks.ts";
import { BEGIN_MS, createVirtualDatabase, type VirtualDatabase } from "./database.ts";
import { createJudge, type Judge } from "./judge.ts";
import { createMachine } from "./machine.ts";
import { createVirtualProcess, type VirtualProcess, type World } from "./process.ts";
import { createRandom } from "./random.ts";
import { createVirtualReplica, type VirtualReplica } from "./replica.ts";
import { createVirtualTime } from "./virtual-time.ts";

export interface HistoryReport extends Pick<Judge, "violations" | "servedCount" | "stale" | "latestMs"> {
  readonly commits: number;
  readonly granted: number;
  readonly forgotten: number;
  readonly unvouched: number;
  readonly beats: number;
  readonly unansweredBeats: number;
}

const LENGTH_MS = 5000;
/** Later changes could not be served late any more. */
const LAST_CHANGE_MS = 3800;
const ROTATION_INTERVAL_MS = 60_000;
const SESSIONS = 4;

/** Two replicas, two processes, a few sessions, and what can go wrong between them: the same for the same seed. */
export async function playHistory(seed: number, rules: Rules = {}): Promise<HistoryReport> {
  const time = createVirtualTime();
  const random = createRandom(seed);
  const sessions = Array.from({ length: SESSIONS }, (_, index) => createSession(index, random.between(1500, 5000)));
  const database = createVirtualDatabase(time, random, new Map(sessions.map(({ row }) => [row.id, row])));
  const judge = createJudge(time, database, new Map(sessions.map(({ row, untilMs }) => [row.id, untilMs])));
  const world: World = { time, random, rules };
  const machine = () => createMachine(time, random, rules.trustsSteadyClock ?? false);
  const replicas = ["left", "right"].map((name) => createVirtualReplica(name, time, database, machine(), rules));
  const processes = ["one", "two"].map((name) => createVirtualProcess(name, { ...world, machine: machine(), judge }));

  for (const process of processes) keepConnected(world, process, replicas);
  const shown = sessions.map(({ row, token }) => ({ id: row.id, token }));
  for (const process of processes) keepAsking(world, process, shown, database);
  for (let events = random.between(6, 18); events > 0; events--) {
    time.after(random.between(200, LAST_CHANGE_MS), () => happen(world, { database, replicas, processes, shown }));
  }
  await time.runUntil(LENGTH_MS);

  const sum = <T>(of: readonly T[], count: (each: T) => number) => of.reduce((total, each) => total + count(each), 0);
  return {
    ...{ violations: judge.violations, servedCount: judge.servedCount, stale: judge.stale, latestMs: judge.latestMs },
    commits: database.commits.length,
    granted: sum(replicas, ({ counts }) => counts.granted),
    forgotten: sum(processes, ({ counts }) => counts.forgotten),
    unvouched: sum(processes, ({ counts }) => counts.unvouched),
    beats: sum(replicas, ({ counts }) => counts.beats),
    unansweredBeats: sum(replicas, ({ counts }) => counts.unvouched),
  };
}

interface Everything {
  readonly database: VirtualDatabase;
  readonly replicas: readonly VirtualReplica[];
  readonly processes: readonly VirtualProcess[];
  readonly shown: readonly { id: string; token: string }[];
}

/** One thing that can happen at any time. Changes are the most frequent. */
function happen({ random }: World, { database, replicas, processes, shown }: Everything): void {
  const { id } = random.pick(shown);
  const [replica, process] = [random.pick(replicas), random.pick(processes)];
  const happenings: readonly [weight: number, happening: () => void][] = [
    [3, () => database.change(id, { endReason: "Revoked" })],
    [3, () => database.change(id, { tags: ["plan:free"] })],
    [3, () => process.end(id, replica)],
    [1, () => replica.reviseThePolicy()],
    [3, () => database.disturb(replica.name, { silentMs: random.between(100, 3000) })],
    [2, () => database.disturb(replica.name, "broken")],
    [3, () => process.block(random.between(100, 3000))],
    [2, () => process.cut()],
    [2, () => replica.machine.stop(random.between(50, 2500), random.chance(0.4))],
    [2, () => process.machine.stop(random.between(50, 2500), random.chance(0.4))],
  ];
  const all = happenings.flatMap(([weight, happening]) => Array.from({ length: weight }, () => happening));
  random.pick(all)();
}

/** As the fast path: once a connection is gone, another one is opened, to either replica. */
function keepConnected({ time, random }: World, process: VirtualProcess, replicas: readonly VirtualReplica[]): void {
  process.connect(random.pick(replicas));
  const renew = () => {
    time.after(random.between(300, 4000), () => {
      if (random.chance(0.3)) {
        process.cut();
        process.connect(random.pick(replicas));
      }
      renew();
    });
  };
  renew();
}

function keepAsking(
  { time, random }: World,
  process: VirtualProcess,
  shown: readonly { id: string; token: string }[],
  database: VirtualDatabase,
): void {
  const ask = () => {
    const session = random.pick(shown);
    process.request(session);
    // Changes that meet the reading are rare by chance, and the first that a mistake would miss.
    if (time.nowMs < LAST_CHANGE_MS && random.chance(0.04)) {
      time.after(random.between(0, 12), () => database.change(session.id, { tags: ["plan:paid"] }));
    }
    time.after(random.between(10, 150), ask);
  };
  ask();
}

/** Half of them rotate or end by themselves at that time. */
function createSession(index: number, untilMs: number): { row: SessionRow; token: string; untilMs: number } {
  const id = `5f0c6a1e-9d3b-4c57-8a44-00000000000${index}`;
  const salt = Buffer.alloc(32, 7);
  const token = tokenAt(salt, id, 1, Buffer.alloc(32, index));
  const at = BEGIN_MS + untilMs;
  const ends = { expiresAt: at };
  const rotates = { since: at - ROTATION_INTERVAL_MS };
  const own = index === 0 ? ends : index === 1 ? rotates : undefined;
  return {
    row: { ...ROW, id, salt, curHash: hashOfSecret(token.secret), ...own },
    token: formatSessionToken(token),
    untilMs: own ? untilMs : Number.POSITIVE_INFINITY,
  };
}

const ROW: Omit<SessionRow, "id" | "salt" | "curHash"> = {
  userId: "ada",
  tags: [],
  metadata: { version: 0 },
  createdAt: BEGIN_MS - 1000,
  expiresAt: BEGIN_MS + 86_400_000,
  lastActivityAt: BEGIN_MS,
  ipAddress: null,
  userAgent: null,
  lastIpAddress: null,
  gen: 1,
  nextHash: null,
  since: BEGIN_MS,
  prevUntil: null,
  rotationAsked: false,
  pendingSince: null,
  pendingCount: 0,
  confirmedIp: null,
  confirmedUserAgent: null,
  clientPair: null,
  otherPair: null,
  deviceThumbprint: null,
  endReason: null,
  replacedAt: null,
  adoptedAt: null,
  now: BEGIN_MS,
};
