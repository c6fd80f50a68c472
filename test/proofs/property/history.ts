/** What happened to one session, as its clients saw it: the checker judges only by this. */
export interface History {
  session: SessionFacts;
  /** In the order in which they were sent. */
  presentations: Presentation[];
  endings: Ending[];
  losses: Loss[];
}

/** The database was put back to how it was before, and has forgotten what happened since. */
export interface Loss extends Moment {
  /** The newest generation that it still knows of. */
  gen: number;
  /** `byo recover` ran with all that the sidecars had written. */
  recovered: boolean;
}

export interface SessionFacts {
  id: string;
  /** Bound to a device: then nothing ends it without a proof of the device's key, and nothing works without one. */
  bound: boolean;
  firstToken: string;
  createdAtSecs: number;
  rules: Rules;
}

/** The settings that the promises depend on. */
export interface Rules {
  lifetimeSecs: number;
  intervalSecs: number;
  graceSecs: number;
  pendingMaxSecs: number;
}

/** A point of the history: its place in the order of all events, and the database's time then. */
export interface Moment {
  order: number;
  atSecs: number;
}

export interface Client {
  ipAddress?: string;
  userAgent?: string;
}

interface Operation {
  sent: Moment;
  /** Missing while it is pending. */
  answered?: Moment;
  /** Its connection to the database was broken on purpose: the outcome may be unknown. */
  broken: boolean;
}

/** A token presented to one of the two validate commands. */
export interface Presentation extends Operation {
  by: "owner" | "thief" | "forger";
  command: "ValidateSession" | "ValidateAndRefreshSession";
  token: string;
  /** A proof of the device's key comes with it. */
  proves: boolean;
  client: Client;
  answer?: Answer;
}

export interface Answer {
  status: number;
  /** The first word of the details of a refusal, and the rest after a colon. */
  word?: string;
  more?: string;
  newSessionToken?: string;
}

/** A logout or a revocation. */
export interface Ending extends Operation {
  kind: "logout" | "revoke";
  status?: number;
}

export type Answered<T extends Operation> = T & { answered: Moment };

/** Which token of its session's chain a token is; it stands in the token as eight hexadecimal digits. */
export function generationOf(token: string): number {
  const [, gen = ""] = token.split(".");
  return Number.parseInt(gen, 16);
}
