import { endWord, type Facts, factsOf, isGenuine } from "./facts.ts";
import { type Answered, generationOf, type History, type Presentation, type SessionFacts } from "./history.ts";

/** A promise that a history breaks. */
export interface Violation {
  promise: PromiseName;
  what: string;
}

type Check = (presentation: Answered<Presentation>, facts: Facts, session: SessionFacts) => string | undefined;

/** What is promised about every single answer, whatever else happened. */
const PROMISES = {
  "an honest client is never refused": (presentation, facts, session) => {
    const { answer, proves } = presentation;
    if (answer?.word === undefined || !isGenuine(presentation) || (session.bound && !proves)) return undefined;
    if (facts.possiblyIgnoresSuccessor(presentation)) return undefined;
    return facts.possibleEnds(presentation.answered).size === 0 ? `refused: ${answer.word}` : undefined;
  },

  "without the key of its device a bound session is of no use, and lives": (presentation, facts, { bound }) => {
    if (!bound || presentation.proves || !isGenuine(presentation) || !isAvailable(presentation)) return undefined;
    const { word, status } = presentation.answer ?? {};
    if (word === "DeviceVerificationRequired") return undefined;
    const ends = facts.possibleEnds(presentation.answered);
    return word !== undefined && ends.has(word) ? undefined : `answered ${word ?? status}`;
  },

  "the reason is true": (presentation, facts) => {
    const word = endWord(presentation);
    const ends = facts.possibleEnds(presentation.answered);
    if (word === undefined || ends.size === 0 || !isGenuine(presentation)) return undefined;
    return ends.has(word) ? undefined : `${word}, but only ${[...ends].join(" or ")} happened`;
  },

  "nothing genuine is NotFound, nothing forged is anything else": (presentation) =>
    isAvailable(presentation) && (presentation.answer?.word === "NotFound") === isGenuine(presentation)
      ? `answered ${presentation.answer?.word ?? presentation.answer?.status}`
      : undefined,

  "every request is answered": ({ answer, broken }) => {
    const answers = answer?.status === 200 || answer?.status === 401 || (broken && answer?.status === 503);
    return answers ? undefined : `answered ${answer?.status}`;
  },

  "what has ended stays ended": (presentation, facts) =>
    isAccepted(presentation) && facts.certainlyEnded(presentation.sent) ? "accepted after the end" : undefined,

  "a replay after the grace is refused": (presentation, facts, { bound }) =>
    !bound && isAccepted(presentation) && facts.certainlyStale(presentation) ? "accepted" : undefined,

  "after a loss a session goes on with one party, or with none": (presentation, facts, { bound }) =>
    !bound && isAccepted(presentation) && facts.certainlyOfAnotherParty(presentation) ? "accepted" : undefined,

  "a validation hands no token out": ({ command, answer }) =>
    command === "ValidateSession" && answer?.newSessionToken !== undefined ? "handed one out" : undefined,

  "a new token is the next of the chain": ({ token, answer }, _facts, { bound }) => {
    if (answer?.newSessionToken === undefined) return undefined;
    const [before, after] = [generationOf(token), generationOf(answer.newSessionToken)];
    // The owner of a device whose browser put an old cookie back is given the current token, however far it is.
    return after === before + 1 || (bound && after > before)
      ? undefined
      : `generation ${after} for generation ${before}`;
  },

  "a pending successor is given to everyone, every time": (presentation, facts) => {
    const next = generationOf(presentation.token) + 1;
    if (!isAcceptedRefresh(presentation) || presentation.answer?.newSessionToken !== undefined) return undefined;
    if (facts.afterLoss(presentation.answered)) return undefined;
    const isPending =
      facts.certainlyIssued(next, presentation.sent) && facts.possiblyUsedAt(next, presentation.answered) === undefined;
    return isPending ? "nothing given" : undefined;
  },

  "a token that is due is changed": (presentation, facts, session) => {
    const gen = generationOf(presentation.token);
    if (!isAcceptedRefresh(presentation) || presentation.answer?.newSessionToken !== undefined) return undefined;
    if (facts.possiblyUsedAt(gen + 1, presentation.answered) !== undefined) return undefined;
    if (facts.afterLoss(presentation.answered)) return undefined;
    const since = gen === 1 ? session.createdAtSecs : facts.certainlyUsedAt(gen, presentation.sent);
    const isDue = since !== undefined && presentation.sent.atSecs > since + session.rules.intervalSecs;
    return isDue ? "nothing given" : undefined;
  },

  "a token that is not due is kept": (presentation, facts, session) => {
    if (presentation.answer?.newSessionToken === undefined) return undefined;
    const gen = generationOf(presentation.token);
    const since = gen === 1 ? session.createdAtSecs : facts.possiblyUsedAt(gen, presentation.answered);
    const mayBeDue = since !== undefined && presentation.answered.atSecs > since + session.rules.intervalSecs;
    return mayBeDue ? undefined : "changed early";
  },

  "a superseded token is exchanged only for whom it surely belongs to": (presentation, facts, { bound }) => {
    const next = generationOf(presentation.token) + 1;
    if (!isAcceptedRefresh(presentation) || facts.certainlyUsedAt(next, presentation.sent) === undefined)
      return undefined;
    if (facts.afterLoss(presentation.answered)) return undefined;
    if (bound) return presentation.answer?.newSessionToken === undefined ? "not handed out to the owner" : undefined;
    const users = facts.possibleFirstUsers(next).map((user) => isSameClient(user, presentation));
    if (presentation.answer?.newSessionToken !== undefined) {
      return users.some(Boolean) ? undefined : "handed out to another client";
    }
    return users.every(Boolean) ? "not handed out to the same client" : undefined;
  },
} satisfies Record<string, Check>;

export const ONE_TOKEN = "there is one token for each generation";
export const ONE_END = "the end has one reason";
export const RECORD = "the database and its audit trail agree with the answers";

export type PromiseName = keyof typeof PROMISES | typeof ONE_TOKEN | typeof ONE_END | typeof RECORD;

/** The promises that a history breaks. */
export function violationsOf(history: History): Violation[] {
  const facts = factsOf(history);
  const violations: Violation[] = [];
  for (const [index, presentation] of facts.answered.entries()) {
    for (const promise of Object.keys(PROMISES) as (keyof typeof PROMISES)[]) {
      const what = PROMISES[promise](presentation, facts, history.session);
      if (what !== undefined) violations.push({ promise, what: `request ${index}: ${what}` });
    }
  }
  const words = new Set(facts.answered.flatMap((presentation) => endWord(presentation) ?? []));
  if (words.size > 1) violations.push({ promise: ONE_END, what: [...words].join(" and ") });
  for (const [gen, tokens] of tokensOf(history)) {
    if (tokens.size > 1) violations.push({ promise: ONE_TOKEN, what: `generation ${gen} has ${tokens.size}` });
  }
  return violations;
}

/** The tokens that were given, by generation. */
export function tokensOf({ session, presentations }: History): Map<number, Set<string>> {
  const given = presentations.flatMap(({ answer }) => answer?.newSessionToken ?? []);
  const tokens = new Map<number, Set<string>>();
  for (const token of [session.firstToken, ...given]) {
    const gen = generationOf(token);
    tokens.set(gen, (tokens.get(gen) ?? new Set()).add(token));
  }
  return tokens;
}

function isAvailable({ answer }: Presentation): boolean {
  return answer?.status !== 503;
}

function isAccepted({ answer }: Presentation): boolean {
  return answer?.status === 200;
}

function isAcceptedRefresh(presentation: Presentation): boolean {
  return isAccepted(presentation) && presentation.command === "ValidateAndRefreshSession";
}

/** By an address and a user agent that were passed both times. */
function isSameClient({ client: a }: Presentation, { client: b }: Presentation): boolean {
  return (
    a.ipAddress !== undefined && a.userAgent !== undefined && a.ipAddress === b.ipAddress && a.userAgent === b.userAgent
  );
}
