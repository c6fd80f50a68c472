import type { CompanionCookie } from "../cookies/companion-cookie.ts";
import type { DeviceCookie } from "../cookies/device-cookie.ts";
import type { SessionCookie } from "../cookies/session-cookie.ts";
import { type Credentials, readCredentials } from "../credentials/credentials.ts";
import { type PresentedProof, readProof } from "../device/proof.ts";
import type { AddressSettings } from "../paths/paths.ts";
import type { RequestView } from "../request/request-view.ts";
import type { Examination } from "../verdict/engine.ts";

/** What reading a request's credentials needs of its application. */
export interface PresentingParts<N> {
  readonly settings: AddressSettings<N> & { readonly bearer: boolean };
  readonly cookie: SessionCookie;
  readonly deviceCookie: DeviceCookie;
  /** Means something only beside the session's cookie. */
  readonly impersonationCookie: CompanionCookie;
}

const NONE: readonly string[] = [];

/** What one request presents: its tokens, and the evidence of its device. Each is read when it is first needed. */
export class PresentedRequest<N, P extends PresentingParts<N>> {
  readonly parts: P;
  readonly native: N;
  readonly view: RequestView;
  /** From the request, or from a WebSocket's ticket, which was requested with a proof. */
  heldDeviceCookie: string | undefined;
  /** What the request presents of an impersonation has been ended by it. */
  protected ignoresImpersonation = false;
  #credentials: Credentials | undefined;
  #proof: PresentedProof | undefined;

  constructor(parts: P, native: N, view: RequestView) {
    this.parts = parts;
    this.native = native;
    this.view = view;
  }

  get credentials(): Credentials {
    this.#credentials ??= readCredentials(this.view, this.parts);
    return this.#credentials;
  }

  get proof(): PresentedProof {
    this.#proof ??= readProof(this);
    return this.#proof;
  }

  /** Who acts as a user does so beside their own session's cookie. */
  get impersonationTokens(): readonly string[] {
    if (this.ignoresImpersonation) return NONE;
    const tokens = this.parts.impersonationCookie.read(this.view);
    return tokens.length > 0 && this.credentials.via === "cookie" ? tokens : NONE;
  }

  /** The field for a command that may return a device cookie; undefined if the client keeps no cookies. */
  get deviceCookieToRenew(): { deviceCookie?: string } {
    if (this.credentials.via === "bearer") return {};
    return { deviceCookie: this.heldDeviceCookie ?? this.parts.deviceCookie.read(this.view) ?? "" };
  }

  protected examination(mayRotate: boolean): Examination {
    const { view, proof, credentials } = this;
    if (credentials.via === "cookie") this.heldDeviceCookie ??= this.parts.deviceCookie.read(view);
    return { view, tokens: credentials.tokens, proof, deviceCookie: this.heldDeviceCookie, mayRotate };
  }
}
