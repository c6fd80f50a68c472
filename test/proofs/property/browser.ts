import type { Tally } from "./simulation.ts";

/** The owner's browser: one cookie, what it was before, and answers on their way. */
export interface Browser {
  cookie(): string;
  /** What it was so many changes ago. */
  formerCookie(back: number): string;
  /** An answer with a new token has left the server, at this place in the order of all events. */
  expect(token: string, order: number): void;
  /** Lets one of the answers arrive, whichever it is. `lastSent`: when the newest request was sent. */
  deliver(which: number, lastSent: number): void;
  lose(which: number): void;
  readonly awaits: () => boolean;
  /** Comes back with a cookie that it had before. */
  crash(back: number): void;
}

export function createBrowser(firstToken: string, tally: Tally): Browser {
  const jar = [firstToken];
  const underWay: { token: string; order: number }[] = [];
  const cookie = () => jar.at(-1) ?? firstToken;
  const formerCookie = (back: number) => jar.at(-1 - (back % jar.length)) ?? firstToken;
  const take = (which: number) => underWay.splice(which % Math.max(1, underWay.length), 1)[0];

  return {
    cookie,
    formerCookie,
    expect: (token, order) => void underWay.push({ token, order }),
    deliver(which, lastSent) {
      const answer = take(which);
      if (!answer) return;
      if (lastSent > answer.order) tally.lateAnswers++;
      if (cookie() !== answer.token) jar.push(answer.token);
    },
    lose(which) {
      if (take(which)) tally.lostAnswers++;
    },
    awaits: () => underWay.length > 0,
    crash(back) {
      if (jar.length === 1) return;
      tally.crashes++;
      jar.push(formerCookie(1 + (back % (jar.length - 1))));
    },
  };
}
