import fc from "fast-check";
import { type Input, inputs, plainInput, sweep, toRequest } from "./inputs.ts";
import { whatPassed } from "./judge.ts";
import type { Stage } from "./owners.ts";
import type { RawAnswer, RawClient, RawRequest } from "./send.ts";
import type { State } from "./states.ts";

export interface Attacked {
  readonly stage: Stage;
  readonly client: RawClient;
}

export interface Extent {
  readonly seed: number;
  readonly runs: number;
  /** Which of the sweep are sent, by their place in it. Default: all. */
  readonly isSwept?: (at: number) => boolean;
}

type Run = [input: Input, fixed: readonly (readonly [string, string])[]];

/** Sends what a client could, from one state, and returns the first request that was let in, or undefined. */
export async function explore(
  state: State,
  { stage, client }: Attacked,
  { seed, runs, isSwept = () => true }: Extent,
): Promise<string | undefined> {
  const { fixed = [[]], without = [] } = state;
  let held = await state.prepare(stage);

  async function tryOne(input: Input, fixedHeaders: Run[1]): Promise<void> {
    const headers = input.headers.filter(([name]) => !without.includes(name));
    const sent = toRequest({ ...input, headers }, { ...held, fixed: fixedHeaders });
    const answer = await client.send(sent);
    if (answer) refuse(whatPassed(input.aim, sent, answer, state), sent, answer);
    const fate = await held.owner?.();
    if (fate === "changed" || (fate === "ended" && state.mustLive)) refuse(`the session is ${fate}`, sent, answer);
    if (fate === "ended") held = await state.prepare(stage);
  }

  const answer = await client.send(toRequest(plainInput(state), { ...held, fixed: fixed[0] ?? [] }));
  if (!answer?.text.includes(`"reason":"${state.reason}"`)) {
    return `expected the plain request to be refused for ${state.reason}, got ${JSON.stringify(answer)}`;
  }
  if ((await held.owner?.()) === "ended") held = await state.prepare(stage);
  const examples = state.isCostly
    ? []
    : fixed
        .flatMap((one, index) => share(sweep(state), index).map((input): Run => [input, one]))
        .filter((_run, at) => isSwept(at));
  const numRuns = state.isCostly ? Math.ceil(runs / 4) : examples.length + runs;
  const report = await fc.check(fc.asyncProperty(inputs(state), fc.constantFrom(...fixed), tryOne), {
    seed,
    numRuns,
    examples,
  });
  return report.failed ? `${fc.defaultReportMessage(report)}\n${report.errorInstance}` : undefined;
}

/** All of it for the first, some for each of the others. */
function share<T>(all: readonly T[], index: number): T[] {
  return index === 0 ? [...all] : all.filter((_one, at) => at % 4 === index % 4);
}

/** With the whole request and response, so that a failure can be reproduced by hand. */
function refuse(passed: string | undefined, sent: RawRequest, answer: RawAnswer | undefined): void {
  if (passed === undefined) return;
  throw new Error(`${passed}\nsent: ${JSON.stringify(sent, null, 1)}\nanswered: ${JSON.stringify(answer)}`);
}
