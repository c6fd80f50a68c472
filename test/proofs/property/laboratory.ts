import fc from "fast-check";
import type { Database, Queryable } from "../../../sidecar/src/engine/db/database.ts";
import { openPostgres } from "../../../sidecar/src/engine/db/postgres.ts";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { createTestDatabase } from "../../harness/test-database.ts";
import { createBackups } from "./backups.ts";
import { endWord } from "./facts.ts";
import type { History } from "./history.ts";
import { createInterleaving } from "./interleaving.ts";
import { createMemory } from "./memory.ts";
import { createDirectPort } from "./port.ts";
import { type Violation, violationsOf } from "./promises.ts";
import { describeHistory, readRecord, recordViolations } from "./record.ts";
import { createReplica } from "./replica.ts";
import { lossyScenario, RULES, type Scenario, scenario } from "./scenario.ts";
import { NO_TALLY, play, type Tally } from "./simulation.ts";
import type { CarrierName } from "./station.ts";
import { installVirtualClock } from "./virtual-clock.ts";
import { startWire } from "./wire.ts";

/** Changes how one replica talks to the database, for a deliberate bug. */
export type Alteration = (query: Queryable["query"], replica: number) => Queryable["query"];

export interface Laboratory {
  /** Plays one scenario and throws when the history breaks a promise. */
  run(played: Scenario): Promise<void>;
  totals: Totals;
  /** How many validations found their session in the cache. */
  remembered(): number;
  /** How many commands came in frames. */
  inFrames(): number;
  scenarios: fc.Arbitrary<Scenario>;
}

export interface Totals extends Tally {
  runs: number;
  honestRuns: number;
  boundRuns: number;
  confirmations: number;
  refusals: number;
  lockWaits: number;
  ends: Record<string, number>;
  violations: number;
}

const CONFIG = {
  defaults: {
    absolute_lifetime_secs: RULES.lifetimeSecs,
    rotation_interval_secs: RULES.intervalSecs,
    rotation_grace_secs: RULES.graceSecs,
    rotation_pending_max_secs: RULES.pendingMaxSecs,
  },
};

export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise";
  readonly violations: Violation[];

  constructor(violations: Violation[], explanation: string) {
    super(explanation);
    this.violations = violations;
  }
}

export interface LaboratoryOptions {
  alteration?: Alteration;
  /** Both sidecars remember sessions. */
  remembers?: boolean;
  /** For a deliberate bug: what one changes the other is not told. */
  isDeaf?: boolean;
  /** The database loses what it knew, again and again. */
  isLossy?: boolean;
  /** How commands come to the sidecars. Default: handed over in this process. */
  carrier?: CarrierName;
}

/** Two sidecars on one Postgres database whose time the test moves. */
export async function createLaboratory(options: LaboratoryOptions = {}): Promise<Laboratory> {
  const { alteration = (query) => query, remembers = false, isDeaf = false, isLossy = false, carrier } = options;
  const database = await createTestDatabase();
  const connectionString = database.env.DATABASE_URL;
  if (connectionString === undefined) throw new Error("expected a project on Postgres");
  const beside = openPostgres({ connectionString, maxConnections: 1 });
  const clock = await installVirtualClock(beside);
  const pools = [0, 1].map(() => openPostgres({ connectionString }));
  const operator = altered(beside, alteration, 2);
  const unexpected: unknown[] = [];
  const memory = remembers ? await createMemory(beside, clock, isDeaf) : undefined;
  const wire = carrier && (await startWire(carrier));
  stopAfterFile(async () => {
    await wire?.close();
    await memory?.close();
    await Promise.all([...pools, beside].map((pool) => pool.close()));
  });

  const totals: Totals = {
    runs: 0,
    honestRuns: 0,
    boundRuns: 0,
    ...NO_TALLY,
    confirmations: 0,
    refusals: 0,
    lockWaits: 0,
    ends: {},
    violations: 0,
  };

  async function run(played: Scenario): Promise<void> {
    const backups = createBackups(memory?.over(operator) ?? operator);
    const interleaving = createInterleaving();
    const replicas = pools.map((pool, index) =>
      createReplica(
        interleaving.over(memory?.over(altered(pool, alteration, index)) ?? altered(pool, alteration, index)),
        CONFIG,
        (error) => unexpected.push(error),
        memory?.reading,
        backups.writeLine,
      ),
    );
    unexpected.length = 0;
    const { history, tally } = await play(played, {
      port: wire?.portTo(replicas) ?? createDirectPort(replicas),
      interleaving,
      clock,
      backups,
    });
    await Promise.all(replicas.map((replica) => replica.close()));
    memory?.forgetReplicas();
    const stored = await readRecord(beside, history);
    const violations = [...violationsOf(history), ...recordViolations(history, stored)];
    count(history, tally, interleaving.locked(), stored.confirmations, violations);
    if (violations.length > 0) {
      const promises = violations.map(({ promise, what }) => `${promise}: ${what}`);
      throw new BrokenPromise(
        violations,
        [...promises, describeHistory(history), ...interleaving.trace(), ...unexpected].join("\n"),
      );
    }
  }

  function count(history: History, tally: Tally, lockWaits: number, confirmations: number, violations: Violation[]) {
    for (const name of Object.keys(tally) as (keyof Tally)[]) totals[name] += tally[name];
    totals.lockWaits += lockWaits;
    totals.confirmations += confirmations;
    totals.refusals += history.presentations.filter(({ answer }) => answer?.status === 401).length;
    totals.violations += violations.length;
    const word = history.presentations.map(endWord).find((found) => found !== undefined) ?? "none";
    totals.ends[word] = (totals.ends[word] ?? 0) + 1;
  }

  return {
    totals,
    remembered: () => memory?.hits() ?? 0,
    inFrames: () => wire?.inFrames() ?? 0,
    scenarios: isLossy ? lossyScenario : scenario,
    async run(played) {
      totals.runs++;
      if (played.honest) totals.honestRuns++;
      if (played.bound) totals.boundRuns++;
      await run(played);
    },
  };
}

/** Checks that no scenario breaks a promise; gives fast-check's own account. */
export function explore(laboratory: Laboratory, parameters: fc.Parameters<[Scenario]>) {
  return fc.check(
    fc.asyncProperty(laboratory.scenarios, (played) => laboratory.run(played)),
    parameters,
  );
}

export interface Explored extends Totals {
  remembered: number;
  inFrames: number;
}

/** As `explore`, in several databases at once: most of the time of a run is waiting. Gives what all came to. */
export async function exploreInLanes(
  lanes: number,
  runs: number,
  firstSeed: number,
  options: LaboratoryOptions = {},
): Promise<Explored> {
  const laboratories = await Promise.all(Array.from({ length: lanes }, () => createLaboratory(options)));
  const numRuns = Math.ceil(runs / lanes);
  const reports = await Promise.all(
    laboratories.map((each, lane) => explore(each, { numRuns, seed: firstSeed + lane })),
  );
  for (const { failed, seed, counterexamplePath, errorInstance } of reports) {
    if (failed) throw new Error(`again with seed ${seed}, path "${counterexamplePath}"`, { cause: errorInstance });
  }
  const total = (count: (laboratory: Laboratory) => number) => laboratories.reduce((all, each) => all + count(each), 0);
  return {
    ...laboratories.map(({ totals }) => totals).reduce(sum),
    remembered: total((each) => each.remembered()),
    inFrames: total((each) => each.inFrames()),
  };
}

function sum(a: Totals, b: Totals): Totals {
  const total = { ...a, ends: { ...a.ends } };
  for (const [word, count] of Object.entries(b.ends)) total.ends[word] = (total.ends[word] ?? 0) + count;
  for (const name of Object.keys(a) as (keyof Totals)[]) if (name !== "ends") total[name] += b[name];
  return total;
}

function altered(database: Database, alteration: Alteration, replica: number): Database {
  return {
    ...database,
    query: alteration(database.query, replica),
    transaction: (work) => database.transaction((tx) => work({ query: alteration(tx.query, replica) })),
    maintenance: (work) =>
      database.maintenance((connection) => work({ ...connection, query: alteration(connection.query, replica) })),
  };
}
