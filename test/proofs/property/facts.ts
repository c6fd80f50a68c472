import {
  type Answered,
  type Ending,
  generationOf,
  type History,
  type Loss,
  type Moment,
  type Presentation,
} from "./history.ts";

/**
 * What a history proves. Requests overlap, so a change happened somewhere between a request and its answer: each fact
 * comes as "possibly" (an earlier point than any that is certain) and as "certainly".
 */
export interface Facts {
  answered: Answered<Presentation>[];
  /** When the token of a generation may first have been used, by requests sent before the moment. */
  possiblyUsedAt(gen: number, before: Moment): number | undefined;
  /** By when the token of a generation had been used for certain. */
  certainlyUsedAt(gen: number, before: Moment): number | undefined;
  /** Who may have been the first to use the token of a generation. */
  possibleFirstUsers(gen: number): Presentation[];
  /** Whether an answer had brought the token of a generation before the moment. */
  certainlyIssued(gen: number, before: Moment): boolean;
  /** The presented token had been superseded longer than the grace ago. */
  possiblyStale(presentation: Answered<Presentation>): boolean;
  certainlyStale(presentation: Presentation): boolean;
  /** Why the session may have ended before the moment. */
  possibleEnds(before: Moment): Set<string>;
  certainlyEnded(before: Moment): boolean;
  /** The database has lost something before the moment. */
  afterLoss(before: Moment): boolean;
  /**
   * After a loss another token was certainly taken over and its grace was over, and this one is of none of its
   * successors.
   */
  certainlyOfAnotherParty(presentation: Presentation): boolean;
  /** The successor was given again and again for longer than is allowed, and never used. */
  possiblyIgnoresSuccessor(presentation: Answered<Presentation>): boolean;
}

const END_WORDS = new Set(["LoggedOut", "Revoked", "Expired", "TokenReused"]);

export function isGenuine(presentation: Presentation): boolean {
  return presentation.by !== "forger";
}

/** The word by which an answer says that the session has ended. */
export function endWord({ answer }: Presentation): string | undefined {
  // "Expired" with more after it is about one token whose successor was ignored; the session lives.
  return answer?.word !== undefined && answer.more === undefined && END_WORDS.has(answer.word)
    ? answer.word
    : undefined;
}

export function factsOf({ session, presentations, endings, losses }: History): Facts {
  const { rules } = session;
  const genuine = presentations.filter(isGenuine).map((made) => ({ ...made, made, gen: generationOf(made.token) }));
  const answered = presentations.filter(isAnswered);

  // Without the key of the device a token of a bound session is refused before it can count as used.
  const counting = genuine.filter(({ proves }) => proves || !session.bound);
  const usesOf = (gen: number) => counting.filter((use) => use.gen >= gen);
  const acceptedUsesOf = (gen: number) => usesOf(gen).filter((use) => use.answer?.status === 200);

  function possiblyUsedAt(gen: number, before: Moment): number | undefined {
    return usesOf(gen).find((use) => use.sent.order < before.order)?.sent.atSecs;
  }

  function firstAccepted(gen: number, before: Moment): Moment | undefined {
    const moments = acceptedUsesOf(gen).flatMap((use) => use.answered ?? []);
    const forgottenUntil = lastLoss(before, ({ recovered }) => !recovered)?.order ?? 0;
    const known = moments.filter(({ order }) => order < before.order && order > forgottenUntil);
    return known.sort((a, b) => a.order - b.order)[0];
  }

  function lastLoss(before: Moment, isMeant: (loss: Loss) => boolean = () => true): Loss | undefined {
    return losses.findLast((loss) => loss.order < before.order && isMeant(loss));
  }

  function possiblyStale(presentation: Answered<Presentation>): boolean {
    if (!isGenuine(presentation)) return false;
    const usedAt = possiblyUsedAt(generationOf(presentation.token) + 1, presentation.answered);
    if (usedAt === undefined) return false;
    // A recovery ends every grace.
    const isGraceOver = presentation.answered.atSecs > usedAt + rules.graceSecs;
    return isGraceOver || lastLoss(presentation.answered) !== undefined;
  }

  function possiblyOfAnotherParty(presentation: Answered<Presentation>): boolean {
    const gen = generationOf(presentation.token);
    if (!isGenuine(presentation) || losses.length === 0) return false;
    const first = losses[0]?.order ?? 0;
    return genuine.some(
      (other) =>
        other.sent.order > first &&
        other.sent.order < presentation.answered.order &&
        other.gen + 1 < gen &&
        presentation.answered.atSecs > other.sent.atSecs + rules.graceSecs,
    );
  }

  function certainlyOfAnotherParty(presentation: Presentation): boolean {
    const gen = generationOf(presentation.token);
    const loss = lastLoss(presentation.sent);
    if (!isGenuine(presentation) || !loss) return false;
    const untilAnswered = (presentation.answered ?? presentation.sent).order;
    const since = genuine.filter(({ sent }) => sent.order > loss.order && sent.order < untilAnswered);
    return since.some((other) => {
      const { answered: taken } = other;
      if (other.answer?.status !== 200 || !taken || taken.order >= presentation.sent.order) return false;
      // Nobody came to it by a rotation since the loss, and nobody has come further.
      const isTakenOver = other.gen > loss.gen + 1 && since.every(({ gen: its }) => its !== other.gen - 1);
      const isNewest = since.every((each) => each.made === presentation || each.gen <= other.gen);
      const isLate = presentation.sent.atSecs > taken.atSecs + rules.graceSecs;
      return isTakenOver && isNewest && isLate && gen > other.gen + 1;
    });
  }

  function certainlyStale(presentation: Presentation): boolean {
    if (!isGenuine(presentation)) return false;
    const used = firstAccepted(generationOf(presentation.token) + 1, presentation.sent);
    return used !== undefined && presentation.sent.atSecs > used.atSecs + rules.graceSecs;
  }

  const lapsesAtSecs = session.createdAtSecs + rules.lifetimeSecs;
  const word = { logout: "LoggedOut", revoke: "Revoked" } as const;

  return {
    answered,
    possiblyUsedAt,
    certainlyUsedAt: (gen, before) => firstAccepted(gen, before)?.atSecs,
    possibleFirstUsers(gen) {
      const first = firstAccepted(gen, { order: Number.POSITIVE_INFINITY, atSecs: 0 });
      return usesOf(gen)
        .filter((use) => use.gen === gen && use.sent.order < (first?.order ?? Number.POSITIVE_INFINITY))
        .map((use) => use.made);
    },
    certainlyIssued: (gen, before) =>
      gen === 1 ||
      answered.some(
        ({ answer, answered: at }) =>
          answer?.newSessionToken !== undefined &&
          generationOf(answer.newSessionToken) === gen &&
          at.order < before.order,
      ),
    possiblyStale,
    certainlyStale,
    afterLoss: (before) => lastLoss(before) !== undefined,
    certainlyOfAnotherParty,
    possibleEnds(before) {
      const ends = new Set<string>();
      for (const ending of endings) if (ending.sent.order < before.order) ends.add(word[ending.kind]);
      const mayBeReplay = (made: Answered<Presentation>) =>
        made.sent.order < before.order && (possiblyStale(made) || possiblyOfAnotherParty(made));
      if (!session.bound && answered.some(mayBeReplay)) ends.add("TokenReused");
      if (before.atSecs >= lapsesAtSecs) ends.add("Expired");
      return ends;
    },
    certainlyEnded(before) {
      const isBefore = ({ answered: at }: { answered?: Moment }) => at !== undefined && at.order < before.order;
      return (
        before.atSecs >= lapsesAtSecs ||
        endings.some((ending) => isBefore(ending) && tookPlace(ending)) ||
        answered.some((made) => isBefore(made) && (endWord(made) !== undefined || endedByReplay(made)))
      );
    },
    possiblyIgnoresSuccessor(presentation) {
      const gen = generationOf(presentation.token);
      const refreshes = genuine.filter(
        (made) =>
          made.gen === gen &&
          made.command === "ValidateAndRefreshSession" &&
          made.sent.order < presentation.answered.order,
      );
      const first = refreshes[0]?.sent.atSecs ?? Number.POSITIVE_INFINITY;
      return refreshes.length >= 3 && presentation.answered.atSecs - first > rules.pendingMaxSecs;
    },
  };

  function endedByReplay(made: Answered<Presentation>): boolean {
    return !session.bound && certainlyStale(made) && made.answer?.status !== 503;
  }
}

function isAnswered(presentation: Presentation): presentation is Answered<Presentation> {
  return presentation.answered !== undefined;
}

/** A revocation of a session that has ended says 404: then too it has ended. */
function tookPlace({ status }: Ending): boolean {
  return status === 200 || status === 404;
}
