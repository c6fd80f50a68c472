import fc from "fast-check";

/** One thing that happens. Numbers choose among what there is at that point. */
export type Step =
  /** Requests are sent at once; each then waits at its first statement. */
  | { do: "send"; by: "owner" | "thief" | "forger"; refresh: boolean; replicas: number[]; breakAt?: BreakAt }
  /** Some of the statements that wait get their turn. */
  | { do: "run"; picks: number[] }
  /** Everything that is under way comes to its end. */
  | { do: "settle" }
  /** An answer reaches the owner's browser, in any order; the rest may come late or never. */
  | { do: "deliver"; which: number }
  | { do: "lose"; which: number }
  | { do: "wait"; secs: number }
  /** The browser crashes and comes back with a cookie that it had before. */
  | { do: "crash"; back: number }
  /** A thief copies the cookie. */
  | { do: "steal" }
  /** A thief presents one of the last tokens that were copied. */
  | { do: "dig out"; which: number; refresh: boolean; replica: number }
  /** With the current token or an older one. */
  | { do: "logout"; which: number; replica: number }
  | { do: "revoke"; replica: number }
  /** A visit after a while: the token is due, and its successor arrives, is lost, or is still on its way. */
  | { do: "visit"; replicas: number[]; answer: "arrives" | "lost" | "on its way" }
  /** Requests with the old token arrive after the first use of the new one, as slow ones do, or those of a thief. */
  | { do: "cross"; by: "owner" | "thief"; secs: number; refresh: boolean; replicas: number[] }
  /** The session is as a backup, or a standby that lags, has it. */
  | { do: "back up" }
  /** The database is as it was then: after a restore, with `byo recover`, or after a failover, without. */
  | { do: "restore"; recovers: boolean }
  /** Some rotations are lost together; a thief who copied a cookie at each presents one of them before the owner comes. */
  | { do: "relapse"; rotations: number; by: "owner" | "thief"; which: number; secs: number; recovers: boolean };

export interface BreakAt {
  step: number;
  when: "before" | "after";
}

export interface Scenario {
  /** The owner is alone and the browser keeps its cookies: nothing may ever be refused. */
  honest: boolean;
  /** The session is bound to a device, and the thief has not got its key. */
  bound: boolean;
  /** Whether the application passes addresses and user agents on. */
  passesClient: boolean;
  steps: Step[];
  /** How it ends: each end is followed by every token that was ever given. */
  epilogue: "logout" | "replay" | "none";
  /** Orders the statements where no step does. */
  picks: number[];
}

export const RULES = {
  lifetimeSecs: 864_000,
  intervalSecs: 3600,
  graceSecs: 60,
  pendingMaxSecs: 86_400,
} as const;

/** On the edges of the rules, and well beyond them. */
const WAITS = [1, 30, 60, 61, 1800, 3540, 3600, 3601, 3661, 28_800, 43_200, 90_000, 432_000];

const index = fc.nat({ max: 7 });
const replica = fc.nat({ max: 1 });
const replicas = fc.array(replica, { minLength: 1, maxLength: 4 });
const picks = fc.array(index, { minLength: 1, maxLength: 12 });
const breakAt: fc.Arbitrary<BreakAt> = fc.record({
  step: fc.nat({ max: 4 }),
  when: fc.constantFrom("before", "after"),
});

function sends(by: fc.Arbitrary<"owner" | "thief" | "forger">): fc.Arbitrary<Step> {
  return fc.record(
    {
      do: fc.constant("send"),
      by,
      refresh: fc.boolean(),
      replicas,
      breakAt: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: breakAt }),
    },
    { requiredKeys: ["do", "by", "refresh", "replicas"] },
  );
}

function crosses(by: "owner" | "thief"): fc.Arbitrary<Step> {
  const secs = fc.constantFrom(0, 1, RULES.graceSecs - 1, RULES.graceSecs);
  return fc.record({ do: fc.constant("cross"), by: fc.constant(by), secs, refresh: fc.boolean(), replicas });
}

const ordinary: fc.WeightedArbitrary<Step>[] = [
  { weight: 8, arbitrary: sends(fc.constant("owner")) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("run"), picks }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("settle") }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("deliver"), which: index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lose"), which: index }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("wait"), secs: fc.constantFrom(...WAITS) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("visit"),
      replicas,
      answer: fc.constantFrom("arrives", "arrives", "lost", "on its way"),
    }),
  },
  { weight: 5, arbitrary: crosses("owner") },
];

function relapses(by: "owner" | "thief"): fc.WeightedArbitrary<Step> {
  const relapse = fc.record({
    do: fc.constant("relapse"),
    rotations: fc.integer({ min: 2, max: 5 }),
    by: fc.constant(by),
    which: index,
    secs: fc.constantFrom(1, RULES.graceSecs + 1, RULES.graceSecs + 1),
    recovers: fc.boolean(),
  });
  return { weight: 5, arbitrary: relapse };
}

const losses: fc.WeightedArbitrary<Step>[] = [
  { weight: 1, arbitrary: fc.record({ do: fc.constant("back up") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("restore"), recovers: fc.boolean() }) },
];

const hostile: fc.WeightedArbitrary<Step>[] = [
  ...ordinary,
  { weight: 2, arbitrary: fc.record({ do: fc.constant("steal") }) },
  { weight: 5, arbitrary: sends(fc.constant("thief")) },
  { weight: 3, arbitrary: crosses("thief") },
  { weight: 1, arbitrary: sends(fc.constant("forger")) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("crash"), back: index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("logout"), which: index, replica }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("revoke"), replica }) },
];

const anyOfStolen: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("dig out"),
  which: index,
  refresh: fc.boolean(),
  replica,
});

function scenarios(honest: boolean, steps: fc.WeightedArbitrary<Step>[]): fc.Arbitrary<Scenario> {
  return fc.record({
    honest: fc.constant(honest),
    bound: fc.boolean(),
    passesClient: fc.boolean(),
    steps: fc.array(fc.oneof(...steps), { minLength: 6, maxLength: 24, size: "max" }),
    epilogue: fc.constantFrom("logout", "replay", "none"),
    picks: fc.array(index, { minLength: 8, maxLength: 24 }),
  });
}

/** Where the database loses what it knew, again and again. */
export const lossyScenario: fc.Arbitrary<Scenario> = fc.oneof(
  { weight: 2, arbitrary: scenarios(true, [...ordinary, ...losses, relapses("owner")]) },
  {
    weight: 3,
    arbitrary: scenarios(false, [...hostile, ...losses, relapses("thief"), { weight: 2, arbitrary: anyOfStolen }]),
  },
);

export const scenario: fc.Arbitrary<Scenario> = fc.oneof(
  { weight: 2, arbitrary: scenarios(true, ordinary) },
  { weight: 3, arbitrary: scenarios(false, hostile) },
);
