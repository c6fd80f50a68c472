import type { NewDeviceCookie } from "../contract/index.ts";
import type { DeviceCookie } from "../cookies/device-cookie.ts";
import type { PresentedToken, SessionCookie } from "../cookies/session-cookie.ts";
import type { RequestView } from "../request/request-view.ts";
import type { ReplacedSessions } from "./replaced-sessions.ts";

/** What a response has to tell the browser of its token. A later change of one response replaces an earlier one. */
export interface CredentialChange {
  readonly setCookies: readonly string[];
  /** For a client that keeps the token itself: the response header `Session-Token`. */
  readonly sessionToken?: string;
  /** How long the device cookie among the lines is good; 0: it is taken away. Told to the page, whose script keeps it fresh. */
  readonly deviceCookieSecs?: number;
  /** A slow response must not put an older token back, nor undo a login that happened meanwhile. */
  readonly dropWhenLate: boolean;
  /** Asked when the headers go out: whether another request has replaced the session meanwhile. */
  readonly isOvertaken?: () => boolean;
}

export interface ResponseSink {
  /** False when no header can be added any more, or never could: a session is not rotated then. */
  readonly canWrite: boolean;
  /** Where `canWrite` is false from the start: what to do about it, as the message of `ERR_HEADERS_SENT`. */
  readonly cannotWrite?: string;
  /** True where the server itself goes on with what the response sets: a successor must not be among it. */
  readonly keepsToken?: boolean;
  write(change: CredentialChange): void;
  /** Calls back where the client goes before any header was sent: what was written has not reached it. */
  whenLost?(callback: () => void): void;
}

/** How long a change holds that has not reached the browser yet. */
export type Until = Pick<CredentialChange, "dropWhenLate" | "isOvertaken">;

interface Given {
  readonly presented: PresentedToken;
  readonly lifetimeSecs: number;
  readonly via: "cookie" | "bearer";
}

interface CookieParts {
  readonly cookie: SessionCookie;
  readonly deviceCookie: DeviceCookie;
  readonly replaced: ReplacedSessions;
}

/** What the response to one request tells the browser: of its session's token, and of its device. */
export class CredentialResponse {
  readonly #parts: CookieParts;
  readonly #view: RequestView;
  readonly #sink: ResponseSink;
  readonly #replacedBefore: number;
  #token: CredentialChange | undefined;
  #device: { readonly line: string; readonly secs: number } | undefined;

  constructor(parts: CookieParts, view: RequestView, sink: ResponseSink) {
    this.#parts = parts;
    this.#view = view;
    this.#sink = sink;
    this.#replacedBefore = parts.replaced.count;
  }

  give({ presented, lifetimeSecs, via }: Given, until: Until, cleared: readonly string[] = []): void {
    const { cookie } = this.#parts;
    this.#token =
      via === "bearer"
        ? { ...until, setCookies: [], sessionToken: presented.token }
        : { ...until, setCookies: [...cleared, cookie.set(this.#view, presented, lifetimeSecs)] };
    this.#write();
  }

  clear(until: Until): void {
    if (!this.#sink.canWrite) return;
    const { cookie, deviceCookie } = this.#parts;
    // It is worth nothing without its session; gone, it does not go along with each request.
    const isHeld = deviceCookie.read(this.#view) !== undefined;
    if (isHeld) this.#device = { line: deviceCookie.clear(this.#view), secs: 0 };
    this.#token = { ...until, setCookies: cookie.clear(this.#view) };
    this.#write();
  }

  giveDeviceCookie({ value, lifetimeSecs }: NewDeviceCookie): void {
    if (!this.#sink.canWrite) return;
    this.#device = { line: this.#parts.deviceCookie.set(this.#view, value, lifetimeSecs), secs: lifetimeSecs };
    this.#write();
  }

  /** For what follows from these tokens alone. */
  unlessReplaced(tokens: readonly PresentedToken[]): Until {
    return { dropWhenLate: true, isOvertaken: () => this.#parts.replaced.includesAny(tokens, this.#replacedBefore) };
  }

  /** Both have changes of their own; the sink takes one of a response. */
  #write(): void {
    const change = this.#token ?? { setCookies: [], dropWhenLate: true };
    const device = this.#device;
    const added = device && { setCookies: [...change.setCookies, device.line], deviceCookieSecs: device.secs };
    this.#sink.write({ ...change, ...added });
  }
}
