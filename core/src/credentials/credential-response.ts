import type { NewDeviceCookie } from "../contract/index.ts";
import type { CompanionCookie } from "../cookies/companion-cookie.ts";
import type { DeviceCookie } from "../cookies/device-cookie.ts";
import type { PresentedToken, SessionCookie } from "../cookies/session-cookie.ts";
import type { RequestView } from "../request/request-view.ts";
import type { ReplacedSessions } from "./replaced-sessions.ts";

/**
 * A change of the browser's token that a response carries. A later change in the same response replaces an earlier
 * one.
 */
export interface CredentialChange {
  readonly setCookies: readonly string[];
  /** For a client that stores the token itself: the response header `Session-Token`. */
  readonly sessionToken?: string;
  /**
   * How long the device cookie among the lines is valid; 0: it is removed. The page's script learns it, to keep the
   * cookie fresh.
   */
  readonly deviceCookieSecs?: number;
  /** A slow response must not restore an older token, nor undo a login that happened meanwhile. */
  readonly dropWhenLate: boolean;
  /** Called when the headers are sent: whether another request has replaced the session meanwhile. */
  readonly isOvertaken?: () => boolean;
}

export interface ResponseSink {
  /** False if no header can be added: the session is then not rotated. */
  readonly canWrite: boolean;
  /** If `canWrite` is false from the start: what to do about it, as the message of `ERR_HEADERS_SENT`. */
  readonly cannotWrite?: string;
  /** True if the server itself continues with what the response sets: it must then not contain a successor. */
  readonly keepsToken?: boolean;
  write(change: CredentialChange): void;
  /** Calls back if the client disconnects before any header was sent: what was written has not reached it. */
  whenLost?(callback: () => void): void;
  /** Calls back at least once when the handler has answered: its guards have run by then. */
  whenAnswered?(callback: () => void): void;
  /** Calls back when the response is over or its client is gone; immediately if that is already so. */
  whenClosed?(callback: () => void): void;
}

/** How long a change stays valid that has not reached the browser yet. */
export type Until = Pick<CredentialChange, "dropWhenLate" | "isOvertaken">;

interface Given {
  readonly presented: PresentedToken;
  readonly lifetimeSecs: number;
  readonly via: "cookie" | "bearer";
}

interface CookieParts {
  readonly cookie: SessionCookie;
  readonly deviceCookie: DeviceCookie;
  /** They go with the session. */
  readonly companions: readonly CompanionCookie[];
  readonly replaced: ReplacedSessions;
}

/** What the response to one request tells the browser about its session's token and its device. */
export class CredentialResponse {
  readonly #parts: CookieParts;
  readonly #view: RequestView;
  readonly #sink: ResponseSink;
  readonly #replacedBefore: number;
  #token: CredentialChange | undefined;
  /** Few responses set any. */
  #companions: Map<CompanionCookie, string> | undefined;
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

  /** Gives the successor of a token that the browser still has. */
  replace(
    presented: PresentedToken,
    { token, lifetimeSecs }: { token: string; lifetimeSecs: number },
    via: Given["via"],
  ): void {
    const successor = { token, persistent: presented.persistent };
    this.give({ presented: successor, lifetimeSecs, via }, this.unlessReplaced([presented]));
  }

  clear(until: Until): void {
    if (!this.#sink.canWrite) return;
    const { cookie, deviceCookie, companions } = this.#parts;
    for (const companion of companions) this.#noteCleared(companion);
    // It is worthless without its session; removing it keeps it out of later requests.
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

  giveCompanion(companion: CompanionCookie, value: string, lifetimeSecs: number): void {
    if (!this.#sink.canWrite) return;
    this.#setCompanion(companion, companion.set(this.#view, value, lifetimeSecs));
    this.#write();
  }

  clearCompanion(companion: CompanionCookie): void {
    if (this.#sink.canWrite && this.#noteCleared(companion)) this.#write();
  }

  /** False if the browser has none, and is getting none. */
  #noteCleared(companion: CompanionCookie): boolean {
    if (companion.read(this.#view).length === 0 && !this.#companions?.has(companion)) return false;
    this.#setCompanion(companion, companion.clear(this.#view));
    return true;
  }

  #setCompanion(companion: CompanionCookie, line: string): void {
    this.#companions ??= new Map();
    this.#companions.set(companion, line);
  }

  /** For changes that depend only on these tokens. */
  unlessReplaced(tokens: readonly PresentedToken[]): Until {
    return { dropWhenLate: true, isOvertaken: () => this.#parts.replaced.includesAny(tokens, this.#replacedBefore) };
  }

  /** Each has its own changes, but the sink takes one change per response. */
  #write(): void {
    const change = this.#token ?? { setCookies: [], dropWhenLate: true };
    const device = this.#device;
    const setCookies = [...change.setCookies, ...(this.#companions?.values() ?? []), ...(device ? [device.line] : [])];
    this.#sink.write({ ...change, setCookies, ...(device && { deviceCookieSecs: device.secs }) });
  }
}
