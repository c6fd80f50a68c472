import { describeClient } from "../request/describe-client.ts";
import type { RequestView } from "../request/request-view.ts";
import type { Session } from "../session.ts";
import type { SessionClient } from "../sidecar/session-client.ts";
import type { ActivityAnswer } from "../verdict/verdict.ts";

/** On `globalThis`, because Next loads separate modules for its proxy and its server. */
const KEY: unique symbol = Symbol.for("@byo-session/core: a guard has requests that are no activity");
const home: { [KEY]?: true; readonly performance?: unknown } = globalThis;

/** From now on, a request may turn out to be no activity after its session has been validated. */
export function expectQuietRequests(): void {
  home[KEY] = true;
}

interface Answering {
  whenAnswered?(callback: () => void): void;
}

/**
 * Whether a request keeps its session from becoming inactive. Only the application's guards and routes decide that, and
 * nothing else depends on it. The session is often validated before the guard of the route runs. So if any guard of the
 * process has such requests, the validation leaves it open, and the request is counted when its response begins.
 */
export class RequestActivity {
  #counts: "now" | "later" | "never";
  #isUnknownThere = false;

  constructor(sink: Answering) {
    this.#counts = home[KEY] && sink.whenAnswered ? "later" : "now";
  }

  /** For the validation. */
  get asked(): "none" | "later" | undefined {
    if (this.#counts === "now") return undefined;
    return this.#counts === "never" ? "none" : "later";
  }

  /** No guard follows: the session's times in the response include this request. */
  countNow(): void {
    this.#counts = "now";
  }

  neverCount(): void {
    this.#counts = "never";
  }

  /** The sidecar does not know the field, and has counted the request. */
  get isUnknownThere(): boolean {
    return this.#isUnknownThere;
  }

  /** The session was validated: counts the request when its response begins, unless a guard objects until then. */
  settle(session: Session, answer: ActivityAnswer | undefined, { parts, sink, view }: Request): void {
    if (this.#counts === "now") return;
    this.#isUnknownThere = answer === undefined;
    // Only a proof counts, so that a thief of all cookies cannot keep the session from becoming inactive.
    if (!answer || answer.isCounted || session.deviceEvidence === "recent") return;
    sink.whenAnswered?.(() => {
      if (this.#counts !== "later" || answer.isCounted) return;
      answer.isCounted = true;
      const { ipAddress } = describeClient(view);
      const data = { sessionId: session.sessionId, ...(ipAddress !== undefined && { ipAddress }) };
      // The response does not wait. If it fails, the next request that this answer serves tries again.
      parts.settings.client.session.noteActivity?.(data).then(({ ok }) => {
        answer.isCounted = ok;
      });
    });
  }
}

interface Request {
  readonly parts: { readonly settings: { readonly client: SessionClient } };
  readonly sink: Answering;
  readonly view: RequestView;
}
