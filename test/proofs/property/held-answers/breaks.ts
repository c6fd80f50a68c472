import type { Notice } from "@byo-session/core/frames";
import type { Grant } from "../../../../sidecar/src/engine/holds/grant.ts";

type Notify = (notice: Notice, content: unknown) => void;

/** How a history departs from the rules. Empty: not at all. */
export interface Rules {
  hears?: (real: () => boolean) => () => boolean;
  grant?: (real: Grant) => Grant;
  notices?: (real: Notify) => Notify;
  vouchesFromArrival?: boolean;
  holdsFromArrival?: boolean;
  keepsVouching?: boolean;
  ignoresForgets?: boolean;
  overlooksOwnChanges?: boolean;
  trustsSteadyClock?: boolean;
}

/** Each takes one rule of docs/held-answers.md away; the judge must notice. */
export const BREAKS: readonly { readonly name: string; readonly rules: Rules }[] = [
  { name: "the interest is noted after the session was read", rules: { grant: notedAfterTheRead } },
  {
    name: "beats are answered, and answers granted, while the notifications are silent",
    rules: { hears: () => () => true },
  },
  { name: "an answered beat counts from its arrival", rules: { vouchesFromArrival: true } },
  { name: "holds survive the connection that granted them", rules: { keepsVouching: true } },
  { name: "beats are answered before what was heard is said", rules: { notices: forgetsAfterBeats } },
  { name: "holdMs goes on past a rotation that is due", rules: { grant: heldForTenSeconds } },
  { name: "holdMs counts from the arrival of the answer", rules: { holdsFromArrival: true } },
  { name: "a forget that came just behind the answer is overlooked", rules: { ignoresForgets: true } },
  { name: "a process does not forget what it changes itself", rules: { overlooksOwnChanges: true } },
  { name: "time is told by a clock that stands still while a machine sleeps", rules: { trustsSteadyClock: true } },
];

/** So many beats are answered before. */
const LATE_BEATS = 4;

/** The row has been read when the time is offered. */
function notedAfterTheRead(real: Grant): Grant {
  let sessionId = "";
  return {
    prepare(id) {
      sessionId = id;
    },
    offer(holdMs) {
      real.prepare(sessionId);
      real.offer(holdMs);
    },
  };
}

function heldForTenSeconds(real: Grant): Grant {
  return { prepare: (id) => real.prepare(id), offer: (holdMs) => real.offer(holdMs > 0 ? 10_000 : 0) };
}

function forgetsAfterBeats(real: Notify): Notify {
  const kept: { id: unknown; beats: number }[] = [];
  return (notice, content) => {
    if (notice === "forget") {
      kept.push({ id: content, beats: 0 });
      return;
    }
    real(notice, content);
    for (const forget of kept) if (notice === "beat" && ++forget.beats === LATE_BEATS) real("forget", forget.id);
  };
}
