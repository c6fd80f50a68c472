import { type Notice, readConnectionRequest, UnusableFrame } from "@byo-session/core/frames";
import { createGrant, type PendingGrant } from "../holds/grant.ts";
import type { Holds } from "../holds/holds.ts";

/** The side of one connection that is about held answers: interests, forgets and beats. */
export interface HoldChannel {
  /** For the answer to one command. */
  grant(): PendingGrant;
  /** Takes a frame with the id 0. @throws UnusableFrame */
  receive(payload: Buffer): void;
  tick(): void;
  end(): void;
}

export interface HoldChannelOptions {
  holds: Holds;
  /** Adds a notice behind everything that has been added before. */
  notify: (notice: Notice, content: unknown) => void;
  /** Whether the integration key may ask about sessions, and so be told when they change. */
  mayWatch: () => boolean;
  /** Runs the callback once the integration key is known to be valid still, if it is. */
  whenAllowed: (callback: () => void) => void;
}

export function createHoldChannel({ holds, notify, mayWatch, whenAllowed }: HoldChannelOptions): HoldChannel {
  const { metrics } = holds;
  const interests = holds.interest.join((id) => {
    metrics.forgetPushed();
    notify("forget", id);
  });

  /** Everything that has been heard is in the batch already: a forget is added as it is heard. */
  function answerBeat(beat: number): void {
    const hears = holds.hears();
    metrics.beat(hears ? "vouched" : "unvouched");
    if (hears) notify("beat", beat);
  }

  return {
    grant: () => createGrant(interests, holds),
    receive(payload) {
      const request = readConnectionRequest(payload);
      if (!request) throw new UnusableFrame("expected a JSON object with beat, watch or unwatch");
      const { beat, watch = [], unwatch = [] } = request;
      for (const id of unwatch) interests.unwatch(id);
      for (const id of watch) if (!mayWatch() || !interests.watch(id)) notify("unwatched", id);
      if (beat !== undefined) whenAllowed(() => answerBeat(beat));
    },
    tick: () => interests.sweep(),
    end: () => interests.end(),
  };
}
